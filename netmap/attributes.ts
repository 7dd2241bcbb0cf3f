import { givenAttributes, isExitRoute, type CompiledPolicy } from '../policy/index.ts'
import type { NetNode } from './model.ts'

/** What a policy may name and no client is told: there is no funnel here, and no tailnet lock (spec/policy.md §10, spec/coordination.md §4.3). */
const unsent = /^(?:funnel|https:\/\/tailscale\.com\/cap\/(?:funnel|funnel-ports\?.*|warn-funnel-no-https|tailnet-lock))$/

export function isSentAttribute(name: string): boolean {
  return !unsent.test(name)
}

const disableIPv4 = 'disable-ipv4'
/** The one attribute that says something of a node to others: only of an exit node. */
const suggestExitNode = 'suggest-exit-node'

/** What a node is told of itself, beside its routes. */
export type Shown = { readonly attributes: readonly string[]; readonly withoutIPv4: boolean }

/** Attributes by the machine's settings and by the policy, each once and in order. */
export function toldItself(policy: CompiledPolicy, node: NetNode): Shown {
  const given = givenAttributes(policy, node)
  const own = node.attributes ?? none
  if (given.length === 0) return { attributes: own, withoutIPv4: false }
  const attributes = [...new Set([...own, ...given.flatMap(({ name }) => (isSentAttribute(name) ? name : []))])].toSorted()
  return { attributes, withoutIPv4: attributes.includes(disableIPv4) }
}

/** What others are told of it; undefined: nothing. */
export function toldOthers(policy: CompiledPolicy, node: NetNode): Shown | undefined {
  const { attributes, withoutIPv4 } = toldItself(policy, node)
  const isSuggested = attributes.includes(suggestExitNode) && node.routes.some(isExitRoute)
  return isSuggested || withoutIPv4 ? { attributes: isSuggested ? [suggestExitNode] : none, withoutIPv4 } : undefined
}

const none: readonly string[] = []
