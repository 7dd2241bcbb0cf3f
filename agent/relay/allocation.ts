import type { AddrPort } from '../../lib/addr-port.ts'
import type { Millis } from '../../lib/clock.ts'
import { maxVni } from '../../protocol/geneve/index.ts'
import type { LegLimits, LiveSession, SessionClient, SessionInfo } from './types.ts'

export interface AllocationLeg {
  readonly disco: Uint8Array
  readonly client: SessionClient
  /** Shared with our server key; computed at the first handshake. */
  shared: Uint8Array | undefined
  bound: AddrPort | undefined
  /** Of the handshake in progress; 0: none. */
  generation: number
  seen: Millis
  /** What the data plane was told that it is charged to. */
  limits: LegLimits
  /** The data plane's count when last looked at. */
  packets: number
}

/** One relay endpoint: a pair of clients and its VNI. */
export interface Allocation {
  readonly vni: number
  readonly lamportId: bigint
  readonly createdAt: Millis
  /** Sorted: leg 0 has the lower disco key. */
  readonly legs: readonly [AllocationLeg, AllocationLeg]
  /** The node that asked for it; undefined: saved by a version that did not keep it. */
  readonly askedBy: number | undefined
  openedAt: Millis | undefined
  draining: { readonly until: Millis; readonly reason: string } | undefined
}

export function newLeg(disco: Uint8Array, client: SessionClient, now: Millis): AllocationLeg {
  return { disco, client, shared: undefined, bound: undefined, generation: 0, seen: now, limits: {}, packets: 0 }
}

export function isOpen(allocation: Allocation): boolean {
  return allocation.legs[0].bound !== undefined && allocation.legs[1].bound !== undefined
}

export function pairName(a: Allocation): string {
  return `${a.legs[0].client.discoKey} ${a.legs[1].client.discoKey}`
}

/** Undefined before both legs were bound: until then there is no session to speak of. */
export function sessionInfo(a: Allocation): SessionInfo | undefined {
  if (a.openedAt === undefined) return undefined
  const [{ client: first }, { client: second }] = a.legs
  return { key: `${a.lamportId}-${a.vni}`, vni: a.vni, clients: [first, second], openedAt: a.openedAt }
}

export function liveSession(a: Allocation): LiveSession | undefined {
  const info = sessionInfo(a)
  return info && { ...info, draining: a.draining !== undefined, bound: [a.legs[0].bound, a.legs[1].bound] }
}

export interface AllocationStore {
  readonly size: number
  get(vni: number): Allocation | undefined
  /** The pair's allocation that is not draining. */
  ofPair(name: string): Allocation | undefined
  add(allocation: Allocation): void
  remove(allocation: Allocation): void
  /** The pair may allocate anew while this one drains. */
  release(allocation: Allocation): void
  /** Endpoints that a node asked for, but those that drain. */
  countAskedBy(nodeId: number): number
  /** The next VNI in sequence that is not in use; undefined when all are. */
  takeVni(): number | undefined
  readonly nextVni: number
  all(): Iterable<Allocation>
}

export function createAllocationStore(nextVni: number): AllocationStore {
  /** Bounded: one per allocated VNI, at most the limit of endpoints; expired by handleTimeout. */
  const byVni = new Map<number, Allocation>()
  /** Bounded: a subset of byVni. */
  const byPair = new Map<string, Allocation>()
  /** By node. Bounded: one per allocation of byPair at most. */
  const asked = new Map<number, number>()
  let next = nextVni
  const count = (nodeId: number | undefined, by: 1 | -1): void => {
    if (nodeId === undefined) return
    const left = (asked.get(nodeId) ?? 0) + by
    if (left > 0) asked.set(nodeId, left)
    else asked.delete(nodeId)
  }
  const release = (allocation: Allocation): void => {
    if (byPair.get(pairName(allocation)) !== allocation) return
    byPair.delete(pairName(allocation))
    count(allocation.askedBy, -1)
  }
  return {
    get size() { return byVni.size },
    get nextVni() { return next },
    get: (vni) => byVni.get(vni),
    ofPair: (name) => byPair.get(name),
    add(allocation) {
      byVni.set(allocation.vni, allocation)
      if (allocation.draining) return
      byPair.set(pairName(allocation), allocation)
      count(allocation.askedBy, 1)
    },
    remove(allocation) {
      byVni.delete(allocation.vni)
      release(allocation)
    },
    release,
    countAskedBy: (nodeId) => asked.get(nodeId) ?? 0,
    takeVni() {
      if (byVni.size >= maxVni) return undefined
      while (byVni.has(next)) next = next === maxVni ? 1 : next + 1
      const vni = next
      next = next === maxVni ? 1 : next + 1
      return vni
    },
    all: () => byVni.values(),
  }
}
