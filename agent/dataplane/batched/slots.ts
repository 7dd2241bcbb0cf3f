import type { Activity, ForwardCommand, Leg, LegLimits } from '../../relay/index.ts'
import type { SessionTraffic } from '../contract.ts'
import { createRateLimits, noBuckets, type LegBuckets } from '../rate-limits.ts'
import { encodeSockaddr } from './sockaddr.ts'
import { counter, countersPerSlot, maxSlots, type WorkerCommand } from './shared.ts'

interface Slotted {
  readonly slot: number
  readonly addresses: [Uint8Array | undefined, Uint8Array | undefined]
  readonly buckets: [LegBuckets, LegBuckets]
  isGentle: boolean
}

/** Figures of ended sessions wait for the next read, at most this many (one per slot). */
const maxEnded = maxSlots

export interface Slots {
  /** What workers must be told; undefined: nothing. */
  apply(command: ForwardCommand): WorkerCommand | undefined
  /** All that a new worker must be told. */
  all(): WorkerCommand[]
  readActivity(): Activity[]
  readCounters(): SessionTraffic[]
}

/** The main thread's record of the sessions. `counters`: of each worker, as a session's datagrams may pass through several; `buckets`: of all. */
export function createSlots(counters: readonly Float64Array[], buckets: Float64Array): Slots {
  /** Bounded: one per slot. */
  const byVni = new Map<number, Slotted>()
  // The one that is free for longest comes first, so that a worker is long done with it; ring of all free slots.
  const free = Uint16Array.from({ length: maxSlots }, (_, i) => i)
  let freeAt = 0
  let freeCount = maxSlots
  let ended: SessionTraffic[] = []
  const rates = createRateLimits(buckets)
  /** A worker takes back what the system did not take; what was said is not taken back: the figure stays until it is reached again. */
  const said = new Float64Array(maxSlots * countersPerSlot)

  const take = (): number | undefined => {
    if (freeCount === 0) return undefined
    const slot = free[freeAt] ?? 0
    freeAt = (freeAt + 1) % maxSlots
    freeCount--
    for (const one of [...counters, said]) one.fill(0, slot * countersPerSlot, (slot + 1) * countersPerSlot)
    return slot
  }
  const give = (slot: number): void => {
    free[(freeAt + freeCount) % maxSlots] = slot
    freeCount++
  }
  const read = (slot: number, which: number): number => {
    const at = slot * countersPerSlot + which
    let all = 0
    for (const one of counters) all += one[at] ?? 0
    return said[at] = Math.max(said[at] ?? 0, all)
  }
  const packets = (slot: number): [number, number] => [read(slot, counter.packetsFromA), read(slot, counter.packetsFromB)]
  const tooBig = (slot: number): Pick<SessionTraffic, 'tooBig'> => {
    const [a, b] = [read(slot, counter.tooBigFromA), read(slot, counter.tooBigFromB)]
    return a + b === 0 ? {} : { tooBig: [a, b] }
  }
  const traffic = (vni: number, { slot }: Slotted, isEnded: boolean): SessionTraffic =>
    ({ vni, packets: packets(slot), bytes: [read(slot, counter.bytesFromA), read(slot, counter.bytesFromB)], ended: isEnded, ...tooBig(slot) })
  const bindCommand = (vni: number, slot: number, leg: Leg, address: Uint8Array): WorkerCommand => ({ type: 'bind', vni, slot, leg, address })

  const bind = ({ vni, leg, addr }: Extract<ForwardCommand, { type: 'bindForward' }>): WorkerCommand | undefined => {
    const address = encodeSockaddr(addr)
    if (!address) return undefined
    const known = byVni.get(vni)
    const slot = known?.slot ?? take()
    if (slot === undefined) return undefined
    const session = known ?? { slot, addresses: [undefined, undefined], buckets: [noBuckets, noBuckets], isGentle: false }
    session.addresses[leg] = address
    if (!known) byVni.set(vni, session)
    return bindCommand(vni, slot, leg, address)
  }

  const limit = (session: Slotted, leg: Leg, limits: LegLimits): LegBuckets => session.buckets[leg] = rates.replace(session.buckets[leg], limits)

  return {
    apply(command) {
      if (command.type === 'bindForward') return bind(command)
      const { vni } = command
      const session = byVni.get(vni)
      if (!session) return undefined
      if (command.type === 'limitForward') return { type: 'limit', vni, leg: command.leg, buckets: limit(session, command.leg, command.limits) }
      const { gentle } = command
      if (gentle) {
        session.isGentle = true
        return { type: 'gentle', vni }
      }
      byVni.delete(vni)
      if (ended.length < maxEnded) ended.push(traffic(vni, session, true))
      for (const leg of [0, 1] as const) limit(session, leg, {})
      give(session.slot)
      return { type: 'unbind', vni }
    },
    all: () => [...byVni].flatMap(([vni, { slot, addresses, buckets: held, isGentle }]) => [
      ...addresses.flatMap((address, leg) => (address === undefined ? [] : [bindCommand(vni, slot, leg === 0 ? 0 : 1, address)])),
      ...held.flatMap((places, leg) => (places === noBuckets ? [] : [{ type: 'limit', vni, leg: leg === 0 ? 0 : 1, buckets: places } as const])),
      ...(isGentle ? [{ type: 'gentle', vni } as const] : []),
    ]),
    readActivity: () => [...byVni].map(([vni, { slot }]) => ({ vni, packets: packets(slot) })),
    readCounters() {
      const last = ended
      ended = []
      return [...last, ...[...byVni].map(([vni, session]) => traffic(vni, session, false))]
    },
  }
}
