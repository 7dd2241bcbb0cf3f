import type { Millis } from '../lib/clock.ts'
import type { CompiledPolicy } from '../policy/index.ts'
import type { DerpRegion, NetNode, Network, NodeView } from './model.ts'
import type { NetworkNames } from './names.ts'
import { prepare, primariesOf, sameView, viewIn } from './view.ts'

/** Holds the network and every node's view. Each change returns the ids of the nodes whose view is new or changed, ascending. */
export type Netmap = {
  readonly network: () => Network
  readonly view: (nodeId: number) => NodeView | undefined
  readonly setNodes: (nodes: readonly NetNode[]) => number[]
  readonly upsert: (node: NetNode) => number[]
  readonly remove: (nodeId: number) => number[]
  readonly setPolicy: (policy: CompiledPolicy) => number[]
  readonly setDerpRegions: (regions: readonly DerpRegion[]) => number[]
  readonly setNames: (names: NetworkNames) => number[]
  /** Lets time pass: keys may expire. */
  readonly setTime: (now: Millis) => number[]
  /** When the next key expires: the latest time to call `setTime`. Undefined when none will. */
  readonly nextExpiry: () => Millis | undefined
}

export function createNetmap(initial: Network): Netmap {
  let network = chosen(initial)
  /** Bounded: one per node of the network. */
  let views = viewsOf(network)

  function change(part: Partial<Network>): number[] {
    network = chosen({ ...network, ...part })
    const next = viewsOf(network)
    const changed: number[] = []
    for (const [id, view] of next) {
      const known = views.get(id)
      // A view that did not change stays the same object, so that callers can compare by identity.
      if (known !== undefined && sameView(known, view)) next.set(id, known)
      else changed.push(id)
    }
    views = next
    return changed
  }

  function nextExpiry(): Millis | undefined {
    const times = network.nodes.flatMap((node) => (node.keyExpiry !== undefined && node.keyExpiry > network.now ? [node.keyExpiry] : []))
    return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
  }

  return {
    network: () => network,
    view: (nodeId) => views.get(nodeId),
    setNodes: (nodes) => change({ nodes }),
    upsert: (node) => change({ nodes: [...network.nodes.filter((known) => known.id !== node.id), node] }),
    remove: (nodeId) => change({ nodes: network.nodes.filter((known) => known.id !== nodeId) }),
    setPolicy: (policy) => change({ policy }),
    setDerpRegions: (derpRegions) => change({ derpRegions }),
    setNames: (names) => change({ names }),
    setTime(now) {
      const previous = network.now
      const passes = (node: NetNode): boolean =>
        node.keyExpiry !== undefined && (node.keyExpiry > previous) !== (node.keyExpiry > now)
      if (network.nodes.some(passes)) return change({ now })
      network = { ...network, now }
      return []
    },
    nextExpiry,
  }
}

/** With who carries each route from now on. */
function chosen(network: Network): Network {
  return { ...network, primaries: primariesOf(network) }
}

function viewsOf(network: Network): Map<number, NodeView> {
  const prepared = prepare(network)
  const views = new Map<number, NodeView>()
  for (const { id } of network.nodes.toSorted((a, b) => a.id - b.id)) {
    const view = viewIn(prepared, id)
    if (view !== undefined) views.set(id, view)
  }
  return views
}
