import type { CompiledPolicy, Subject } from './compile.ts'
import type { PolicyNode } from './model.ts'
import { lookupOf } from './network/lookup.ts'
import { addressesOf } from './subject.ts'

/** What comes with `funnel` on the same nodes (spec/policy.md §10). */
const withFunnel = ['https://tailscale.com/cap/funnel-ports?ports=443,8443,10000', 'https://tailscale.com/cap/warn-funnel-no-https'] as const

/** An attribute that a policy gives a node, and the lines that it comes from, ascending: of entries of `nodeAttrs`, and of settings. */
export type GivenAttribute = { readonly name: string; readonly lines: readonly number[] }

/** Names of the attributes that a policy gives a node, each once, in order (spec/policy.md §10). Which of them are sent is no matter of policy. */
export function attributesOf(compiled: CompiledPolicy, { node }: Subject): readonly string[] {
  return givenAttributes(compiled, node).map(({ name }) => name)
}

/** The same with the lines; the same list for nodes that are given the same. */
export function givenAttributes(compiled: CompiledPolicy, node: PolicyNode): readonly GivenAttribute[] {
  const known = givers.get(compiled) ?? createGiver(compiled)
  givers.set(compiled, known)
  return known(node)
}

type Giver = (node: PolicyNode) => readonly GivenAttribute[]
/** Of each policy once. Bounded: gone with the policy. */
const givers = new WeakMap<CompiledPolicy, Giver>()

const mostSets = 10_000

function createGiver(compiled: CompiledPolicy): Giver {
  const { attributes } = compiled
  const always = listed(fromSettings(compiled))
  if (attributes.length === 0) return () => always
  const lookup = lookupOf(compiled)
  /** Entries by the selectors of their targets. Bounded by the document. */
  const entriesOf = new Map<number, number[]>()
  for (const [entry, { target }] of attributes.entries()) {
    for (const { selector } of target) entriesOf.set(selector, [...(entriesOf.get(selector) ?? []), entry])
  }
  /** By the entries. Begun anew at `mostSets`. */
  const made = new Map<string, readonly GivenAttribute[]>()
  return (node) => {
    const found = new Set<number>()
    const add = (selectors: readonly number[]): void => selectors.forEach((selector) => entriesOf.get(selector)?.forEach((entry) => found.add(entry)))
    add(lookup.byIdentity(node).selectors)
    // What is behind a node is not the node.
    for (const address of addressesOf(node)) add(lookup.byAddress(address))
    const entries = [...found].toSorted((a, b) => a - b)
    const key = entries.join()
    const known = made.get(key)
    if (known !== undefined) return known
    if (made.size >= mostSets) made.clear()
    const linesOf = fromSettings(compiled)
    for (const entry of entries) for (const name of attributes[entry]?.attr ?? []) addLine(linesOf, name, attributes[entry]?.line)
    const list = listed(linesOf)
    made.set(key, list)
    return list
  }
}

function fromSettings({ settings }: CompiledPolicy): Map<string, Set<number>> {
  const { randomizeClientPort, disableIPv4, oneCgnatRoute, lines } = settings
  const linesOf = new Map<string, Set<number>>()
  if (randomizeClientPort) addLine(linesOf, 'randomize-client-port', lines.randomizeClientPort)
  if (disableIPv4) addLine(linesOf, 'disable-ipv4', lines.disableIPv4)
  if (oneCgnatRoute !== undefined) addLine(linesOf, `one-cgnat?v=${oneCgnatRoute === 'mac-always'}`, lines.oneCgnatRoute)
  return linesOf
}

function addLine(linesOf: Map<string, Set<number>>, name: string, line: number | undefined): void {
  const lines = linesOf.get(name) ?? new Set()
  linesOf.set(name, lines)
  if (line !== undefined) lines.add(line)
}

function listed(linesOf: Map<string, Set<number>>): readonly GivenAttribute[] {
  const funnel = linesOf.get('funnel')
  if (funnel !== undefined) for (const name of withFunnel) for (const line of funnel) addLine(linesOf, name, line)
  return [...linesOf].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, lines]) => ({ name, lines: [...lines].toSorted((a, b) => a - b) }))
}
