import { type FilterRule, relayTargetCapability } from '../../policy/index.ts'
import type { NodeView } from '../model.ts'
import { peersAndSelf, viewOn } from '../shared-lists.ts'

/** The ids in `after` that are not in `before`; both ascending. */
export function gainedRelays(before: NodeView, after: NodeView): readonly number[] {
  if (before.relays === after.relays) return []
  const known = new Set(before.relays)
  return after.relays.filter((id) => !known.has(id))
}

/** A view that does not name these relays as such yet: the client asks a relay at once, and one that was not told of it first stays silent (trap 24). */
export function withoutRelays(view: NodeView, ids: readonly number[]): NodeView {
  if (ids.length === 0) return view
  const all = peersAndSelf(view)
  const hidden = new Set(all.filter(({ id }) => ids.includes(id)).flatMap(({ addresses }) => addresses))
  const relays = view.relays.filter((id) => !ids.includes(id))
  const { self, derpRegions, names } = view
  const packetFilter = view.packetFilter.flatMap((rule) => withoutSources(rule, hidden))
  return viewOn({ peers: all, serves: view.serves, sessionPeers: view.sessionPeers, relays }, { self, packetFilter, derpRegions, names })
}

function withoutSources(rule: FilterRule, hidden: ReadonlySet<string>): FilterRule[] {
  const isTarget = rule.CapGrant?.some(({ CapMap }) => relayTargetCapability in CapMap) ?? false
  if (!isTarget) return [rule]
  const left = rule.SrcIPs.filter((source) => !hidden.has(source))
  return left.length === 0 ? [] : [{ ...rule, SrcIPs: left }]
}
