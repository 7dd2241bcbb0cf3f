import { type FilterRule, relayTargetCapability } from '../../policy/index.ts'
import type { NodeView } from '../model.ts'

/** The ids in `after` that are not in `before`; both ascending. */
export function gainedRelays(before: NodeView, after: NodeView): readonly number[] {
  if (before.relays === after.relays) return []
  const known = new Set(before.relays)
  return after.relays.filter((id) => !known.has(id))
}

/** A view that does not name these relays as such yet: the client asks a relay at once, and one that was not told of it first stays silent (trap 24). */
export function withoutRelays(view: NodeView, ids: readonly number[]): NodeView {
  if (ids.length === 0) return view
  const hidden = new Set(view.peers.filter(({ id }) => ids.includes(id)).flatMap(({ addresses }) => addresses))
  return {
    ...view,
    relays: view.relays.filter((id) => !ids.includes(id)),
    packetFilter: view.packetFilter.flatMap((rule) => withoutSources(rule, hidden)),
  }
}

function withoutSources(rule: FilterRule, hidden: ReadonlySet<string>): FilterRule[] {
  const isTarget = rule.CapGrant?.some(({ CapMap }) => relayTargetCapability in CapMap) ?? false
  if (!isTarget) return [rule]
  const left = rule.SrcIPs.filter((source) => !hidden.has(source))
  return left.length === 0 ? [] : [{ ...rule, SrcIPs: left }]
}
