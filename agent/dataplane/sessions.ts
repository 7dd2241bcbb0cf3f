import type { AddrPort } from '../../lib/addr-port.ts'
import type { Activity, ForwardCommand, Leg, LegLimits } from '../relay/index.ts'
import type { SessionTraffic } from './contract.ts'
import { admitted, bucketNumbers, createRateLimits, noBuckets, type LegBuckets } from './rate-limits.ts'

/** A session as the forwarding path reads it: flat fields, written in place, nothing allocated per packet. */
export interface ForwardSession {
  readonly vni: number
  a: AddrPort | undefined
  b: AddrPort | undefined
  gentle: boolean
  limited: boolean
  bucketsOfA: LegBuckets
  bucketsOfB: LegBuckets
  packetsFromA: number
  packetsFromB: number
  bytesFromA: number
  bytesFromB: number
}

/** Figures of ended sessions wait for the next read, at most this many (one per possible endpoint). */
const maxEnded = 65_536

export interface SessionTable {
  /** Whether a datagram from A, or from B, has room in what it is charged to; for a session that is `limited`. */
  admits(session: ForwardSession, fromA: boolean, length: number, isProbe: boolean): boolean
  find(vni: number): ForwardSession | undefined
  apply(command: ForwardCommand): void
  readActivity(): Activity[]
  readCounters(): SessionTraffic[]
}

export function createSessionTable(): SessionTable {
  /** Bounded: one per bound VNI; the relay core unbinds what ends. */
  const byVni = new Map<number, ForwardSession>()
  let ended: SessionTraffic[] = []
  const buckets = new Float64Array(bucketNumbers(2 * maxEnded))
  const limits = createRateLimits(buckets)

  const limit = (session: ForwardSession, leg: Leg, wanted: LegLimits): void => {
    if (leg === 0) session.bucketsOfA = limits.replace(session.bucketsOfA, wanted)
    else session.bucketsOfB = limits.replace(session.bucketsOfB, wanted)
    session.limited = [...session.bucketsOfA, ...session.bucketsOfB].some((at) => at !== 0)
  }

  return {
    admits(session, fromA, length, isProbe) {
      const [client, own] = fromA ? session.bucketsOfA : session.bucketsOfB
      return admitted(buckets, client, own, 1, length, length, isProbe, performance.now()) === 1
    },
    find: (vni) => byVni.get(vni),
    apply(command) {
      const { vni } = command
      const session = byVni.get(vni)
      if (command.type === 'bindForward') {
        const bound = session ?? newSession(vni)
        if (command.leg === 0) bound.a = command.addr
        else bound.b = command.addr
        if (!session) byVni.set(vni, bound)
      } else if (command.type === 'limitForward') {
        if (session) limit(session, command.leg, command.limits)
      } else if (session) {
        session.gentle = true
        if (command.gentle) return
        byVni.delete(vni)
        limit(session, 0, {})
        limit(session, 1, {})
        if (ended.length < maxEnded) ended.push(traffic(session, true))
      }
    },
    readActivity: () => [...byVni.values()].map(({ vni, packetsFromA, packetsFromB }) => ({ vni, packets: [packetsFromA, packetsFromB] })),
    readCounters() {
      const last = ended
      ended = []
      return [...last, ...[...byVni.values()].map((session) => traffic(session, false))]
    },
  }
}

function newSession(vni: number): ForwardSession {
  return { vni, a: undefined, b: undefined, gentle: false, limited: false, bucketsOfA: noBuckets, bucketsOfB: noBuckets, packetsFromA: 0, packetsFromB: 0, bytesFromA: 0, bytesFromB: 0 }
}

function traffic(s: ForwardSession, isEnded: boolean): SessionTraffic {
  return { vni: s.vni, packets: [s.packetsFromA, s.packetsFromB], bytes: [s.bytesFromA, s.bytesFromB], ended: isEnded }
}
