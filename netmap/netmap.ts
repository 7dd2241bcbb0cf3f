import type { Millis } from '../lib/clock.ts'
import type { CompiledPolicy } from '../policy/index.ts'
import { equal } from './compare.ts'
import type { DerpRegion, NetNode, Network, NodeView } from './model.ts'
import type { NetworkNames } from './names.ts'
import { State } from './state.ts'
import { sameView } from './view.ts'

/** Holds the network and every node's view. Each change returns the ids of the nodes whose view is new or changed, ascending. */
export type Netmap = {
  readonly network: () => Network
  readonly view: (nodeId: number) => NodeView | undefined
  readonly setNodes: (nodes: readonly NetNode[]) => number[]
  readonly upsert: (node: NetNode) => number[]
  readonly remove: (nodeId: number) => number[]
  /** Some nodes that came or are others, and some that are gone, at once: it costs what it changes. */
  readonly update: (nodes: readonly NetNode[], removed?: Iterable<number>) => number[]
  readonly setPolicy: (policy: CompiledPolicy) => number[]
  readonly setDerpRegions: (regions: readonly DerpRegion[]) => number[]
  readonly setNames: (names: NetworkNames) => number[]
  /** Lets time pass: keys may expire. */
  readonly setTime: (now: Millis) => number[]
  /** When the next key expires: the latest time to call `setTime`. Undefined when none will. */
  readonly nextExpiry: () => Millis | undefined
}

export function createNetmap(initial: Network): Netmap {
  const state = new State(initial)
  /** Bounded: one per node of the network. */
  const views = new Map<number, NodeView>()

  const all = (): number[] => state.network.nodes.map(({ id }) => id)

  /** A view that did not change stays the same object, so that callers can compare by identity. */
  function renew(ids: Iterable<number>): number[] {
    const changed: number[] = []
    for (const id of [...ids].toSorted((a, b) => a - b)) {
      const known = views.get(id)
      const view = state.view(id)
      if (view === undefined) views.delete(id)
      else if (known === undefined || !sameView(known, view)) {
        views.set(id, view)
        changed.push(id)
      }
    }
    return changed
  }

  /** Nodes that say the same as before stay the same objects. */
  function update(nodes: readonly NetNode[], removed: Iterable<number> = []): number[] {
    const changes = [...removed].flatMap((id) => {
      const was = state.node(id)
      return was === undefined ? [] : [{ was, is: undefined }]
    })
    const others = nodes.flatMap((is) => {
      const was = state.node(is.id)
      return was !== undefined && equal(was, is) ? [] : [{ was, is }]
    })
    return changes.length + others.length === 0 ? [] : renew(state.change([...changes, ...others]))
  }

  function nextExpiry(): Millis | undefined {
    const { nodes, now } = state.network
    let next: Millis | undefined
    for (const { keyExpiry } of nodes) if (keyExpiry !== undefined && keyExpiry > now && (next === undefined || keyExpiry < next)) next = keyExpiry
    return next
  }

  renew(all())
  return {
    network: () => state.network,
    view: (nodeId) => views.get(nodeId),
    update,
    setNodes(nodes) {
      const ids = new Set(nodes.map(({ id }) => id))
      return update(nodes, all().filter((id) => !ids.has(id)))
    },
    upsert: (node) => update([node]),
    remove: (nodeId) => update([], [nodeId]),
    setPolicy(policy) {
      state.setPolicy(policy)
      return renew(all())
    },
    setDerpRegions(derpRegions) {
      state.set({ derpRegions })
      return renew(all())
    },
    setNames(names) {
      state.set({ names })
      return renew(all())
    },
    setTime(now) {
      const { nodes, now: previous } = state.network
      const passing = nodes.filter(({ keyExpiry }) => keyExpiry !== undefined && (keyExpiry > previous) !== (keyExpiry > now))
      if (passing.length > 0) return renew(state.change(passing.map((node) => ({ was: node, is: node })), now))
      state.set({ now })
      return []
    },
    nextExpiry,
  }
}
