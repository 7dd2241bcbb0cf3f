import type { Millis } from '../lib/clock.ts'
import type { CompiledPolicy } from '../policy/index.ts'
import type { DerpRegion, NetNode, Network, NodeView } from './model.ts'
import type { NetworkNames } from './names.ts'
import { equal } from './compare.ts'
import { prepare, viewIn, withPrimaries } from './view.ts'

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
  let network = withPrimaries(initial)
  let prepared = prepare(network)
  /** Bounded: one per node of the network. */
  let views = new Map<number, NodeView>()

  function change(part: Partial<Network>): number[] {
    network = withPrimaries({ ...network, ...part })
    prepared = prepare(network, prepared)
    return renew()
  }

  /** A view that did not change stays the same object, so that callers can compare by identity. */
  function renew(): number[] {
    const next = new Map<number, NodeView>()
    const changed: number[] = []
    for (const id of [...prepared.nodes.keys()].toSorted((a, b) => a - b)) {
      const known = views.get(id)
      const view = viewIn(prepared, id, known)
      if (view === undefined) continue
      next.set(id, view)
      if (view !== known) changed.push(id)
    }
    views = next
    return changed
  }

  /** Nodes that say the same as before are the same objects. */
  function setNodes(nodes: readonly NetNode[]): number[] {
    const kept = nodes.map((node) => {
      const known = prepared.nodes.get(node.id)
      return known !== undefined && equal(known, node) ? known : node
    })
    const isSame = kept.length === prepared.nodes.size && kept.every((node) => prepared.nodes.get(node.id) === node)
    return isSame ? [] : change({ nodes: kept })
  }

  function nextExpiry(): Millis | undefined {
    const times = network.nodes.flatMap((node) => (node.keyExpiry !== undefined && node.keyExpiry > network.now ? [node.keyExpiry] : []))
    return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b))
  }

  renew()
  return {
    network: () => network,
    view: (nodeId) => views.get(nodeId),
    setNodes,
    upsert: (node) => setNodes([...network.nodes.filter((known) => known.id !== node.id), node]),
    remove: (nodeId) => setNodes(network.nodes.filter((known) => known.id !== nodeId)),
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
