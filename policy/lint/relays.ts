import { givesRelay } from '../access.ts'
import { relayCapability } from '../capability.ts'
import type { Fix } from '../problem.ts'
import { memberOf } from '../shape.ts'
import { hasOther, nodesIn, union } from './context.ts'
import { addElements, addGrant, addMember, nodeAt, topLevel } from './edits.ts'
import type { Lint, LintContext, LintGrant, LintNode } from './model.ts'
import { namesOf, quoted } from './words.ts'

/** Through routers nobody relays: such a grant gives no capability. */
export function isRelayGrant({ compiled }: LintGrant): boolean {
  return givesRelay(compiled)
}

/** It names machines, and opens ports there alone. */
function isForPorts({ written }: LintGrant): boolean {
  return written.ip.length > 0 && written.via.length === 0 && !written.app.has(relayCapability)
}

/** Relays that no grant lets any other machine use. */
function unusedRelays(context: LintContext): LintNode[] {
  const sides = context.grants.filter(isRelayGrant).map(({ compiled }) => ({ src: union(context, compiled.src), dst: union(context, compiled.dst) }))
  return context.network.nodes.filter((node, at) => node.isRelay === true && !sides.some(({ src, dst }) => dst[at] === 1 && hasOther(src, at)))
}

/** Ports of a relay are granted by its name, and nobody may use it as a relay: "ip" and "app" are two things. */
export const relayNotGranted: Lint = {
  code: 'relay-not-granted',
  find: (context) => {
    const unused = new Set(unusedRelays(context))
    if (unused.size === 0) return []
    return context.grants.flatMap((grant) => (!isForPorts(grant) ? [] : grant.compiled.dst.flatMap(({ selector }, at) => {
      const use = grant.written.dst[at]
      const kind = context.compiled.selectors[selector]?.kind
      if (use === undefined || kind === 'any') return []
      const named = nodesIn(context, context.bits(selector))
      if (named.length === 0 || !named.every((node) => unused.has(node))) return []
      const fix = withRelay(context, grant)
      const relays = named.map(({ name }) => name)
      return [{
        span: use.place,
        message: `${namesOf(relays)} ${relays.length === 1 ? 'is a relay' : 'are relays'}, and this opens ports only: no grant lets anybody relay through ${relays.length === 1 ? 'it' : 'them'}.`,
        ...(fix === undefined ? { advice: `Add a grant with "${relayCapability}" in "app".` } : { fix }),
      }]
    })))
  },
}

/** Lets the grant's sources use its destinations as relays too. */
function withRelay(context: LintContext, { written }: LintGrant): Fix | undefined {
  if (written.origin.list === 'acls') return undefined
  const grant = nodeAt(context, written.place)
  if (grant?.type !== 'object') return undefined
  const app = memberOf(grant, ['app'])?.value
  const label = 'Let the same sources relay too'
  return app === undefined ? addMember(grant, label, `"app": {"${relayCapability}": [{}]}`) : addMember(app, label, `"${relayCapability}": [{}]`)
}

/** What a relay grant names as its relays is there, and none of it relays. */
export const notARelay: Lint = {
  code: 'not-a-relay',
  find: (context) => context.grants.filter(isRelayGrant).flatMap(({ written, compiled }) => compiled.dst.flatMap(({ selector }, at) => {
    const use = written.dst[at]
    const named = nodesIn(context, context.bits(selector))
    if (use === undefined || named.length === 0 || named.some(({ isRelay }) => isRelay === true)) return []
    const names = named.map(({ name }) => name)
    const isOneNamed = names.length === 1 && names[0] === use.text
    return [{
      span: use.place,
      message: `Nothing in "${use.text}" is a relay${isOneNamed ? '' : `: ${namesOf(names)} ${names.length === 1 ? 'does' : 'do'} not relay`}.`,
      advice: 'Turn it on under Relays, or name the relays here.',
    }]
  })),
}

/** A relay that nobody may use, unless that is already said where a grant opens its ports. */
export const unusedRelay: Lint = {
  code: 'unused-relay',
  find: (context) => {
    const grants = context.grants.filter(isRelayGrant)
    const said = new Set(context.grants.filter(isForPorts).flatMap(({ compiled }) =>
      compiled.dst.flatMap(({ selector }) => {
        const named = nodesIn(context, context.bits(selector))
        return context.compiled.selectors[selector]?.kind !== 'any' && named.every(({ isRelay }) => isRelay === true) ? named : []
      })))
    const unused = unusedRelays(context).filter((node) => !said.has(node))
    if (unused.length === 0) return []
    const message = `Nobody may use ${namesOf(unused.map(({ name }) => name))} as a relay.`
    const them = unused.length === 1 ? 'it' : 'them'
    const use = [...new Set(unused.map((node) => nameFor(context, node)))].map((name) => JSON.stringify(name))
    const places = unused.map((node) => context.network.nodes.indexOf(node))
    const grant = grants.find(({ compiled }) => places.every((at) => hasOther(union(context, compiled.src), at)))
    if (grant === undefined) {
      const fix = addGrant(context, `Let members use ${them}`, { src: ['autogroup:member'], dst: use.map((text): unknown => JSON.parse(text)), app: { [relayCapability]: [{}] } })
      return [{ span: topLevel(context, 'grants')?.keySpan ?? { offset: 0, length: 0 }, message, ...(fix === undefined ? { advice: `Add a grant with "${relayCapability}" in "app"; it needs a list "grants", which then says alone what is allowed.` } : { fix }) }]
    }
    const list = memberOf(nodeAt(context, grant.written.place), ['dst'])?.value
    const fix = list === undefined ? undefined : addElements(list, `Add ${them} to line ${grant.written.place.line}`, use.join(', '))
    return [{ span: grant.written.dst.at(-1)?.place ?? grant.written.place, message, ...(fix === undefined ? {} : { fix }) }]
  },
}

/** A selector for one machine: a tag of its own kind where all that carry it relay, else its address. */
function nameFor({ network, policy }: LintContext, node: LintNode): string {
  const tag = node.tags.find((one) => policy.tagOwners.has(one) && network.nodes.every(({ tags, isRelay }) => !tags.includes(one) || isRelay === true))
  return tag ?? node.addresses[0] ?? '*'
}

/** Clients and relays the wrong way round: accepted, and useless (spec/policy.md §17). */
export const reversed: Lint = {
  code: 'reversed',
  find: (context) => context.grants.filter(isRelayGrant).flatMap(({ written, compiled }) => {
    if (compiled.src.some(({ selector }) => context.compiled.selectors[selector]?.kind === 'any')) return []
    const src = nodesIn(context, union(context, compiled.src))
    const dst = nodesIn(context, union(context, compiled.dst))
    const first = written.src[0]
    // By what is there, or, before the relays are, by what is written: relays have tags, and people are clients.
    const isByNodes = src.length > 0 && dst.length > 0 && src.every(({ isRelay }) => isRelay === true)
    const isByText = written.src.every(({ selector }) => selector.kind === 'tag') && written.dst.some(({ selector }) => selector.kind === 'person' || selector.kind === 'group')
    if (first === undefined || (!isByNodes && !isByText) || dst.some(({ isRelay }) => isRelay === true)) return []
    const fix = swapped(context, written.place)
    return [{
      span: first.place,
      message: isByNodes
        ? `"src" are the clients and "dst" the relays: ${quoted(written.src.map(({ text }) => text))} ${written.src.length === 1 ? 'is a relay' : 'are relays'}, ${quoted(written.dst.map(({ text }) => text))} ${written.dst.length === 1 ? 'is' : 'are'} not.`
        : `"src" are the clients and "dst" the relays: ${quoted(written.dst.map(({ text }) => text))} ${written.dst.length === 1 ? 'looks' : 'look'} like clients.`,
      ...(fix === undefined ? {} : { fix }),
    }]
  }),
}

function swapped(context: LintContext, place: { readonly offset: number; readonly length: number }): Fix | undefined {
  const grant = nodeAt(context, place)
  const src = memberOf(grant, ['src'])?.value
  const dst = memberOf(grant, ['dst'])?.value
  if (src === undefined || dst === undefined) return undefined
  const [a, b] = src.offset < dst.offset ? [src, dst] : [dst, src]
  const slice = (from: number, to: number): string => context.text.slice(from, to)
  const end = b.offset + b.length
  return {
    label: 'Swap "src" and "dst"', offset: a.offset, length: end - a.offset,
    replacement: slice(b.offset, end) + slice(a.offset + a.length, b.offset) + slice(a.offset, a.offset + a.length),
  }
}
