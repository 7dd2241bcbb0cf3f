import type { AddrPort } from '../../lib/addr-port.ts'
import type { Activity, ForwardCommand } from '../relay/index.ts'
import type { SessionTraffic } from './contract.ts'

/** A session as the forwarding path reads it: flat fields, written in place, nothing allocated per packet. */
export interface ForwardSession {
  readonly vni: number
  a: AddrPort | undefined
  b: AddrPort | undefined
  gentle: boolean
  packetsFromA: number
  packetsFromB: number
  bytesFromA: number
  bytesFromB: number
}

/** Figures of ended sessions wait for the next read, at most this many (one per possible endpoint). */
const maxEnded = 65_536

export interface SessionTable {
  find(vni: number): ForwardSession | undefined
  apply(command: ForwardCommand): void
  readActivity(): Activity[]
  readCounters(): SessionTraffic[]
}

export function createSessionTable(): SessionTable {
  /** Bounded: one per bound VNI; the relay core unbinds what ends. */
  const byVni = new Map<number, ForwardSession>()
  let ended: SessionTraffic[] = []
  return {
    find: (vni) => byVni.get(vni),
    apply(command) {
      const { vni } = command
      const session = byVni.get(vni)
      if (command.type === 'bindForward') {
        const bound = session ?? newSession(vni)
        if (command.leg === 0) bound.a = command.addr
        else bound.b = command.addr
        if (!session) byVni.set(vni, bound)
      } else if (session) {
        session.gentle = true
        if (command.gentle) return
        byVni.delete(vni)
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
  return { vni, a: undefined, b: undefined, gentle: false, packetsFromA: 0, packetsFromB: 0, bytesFromA: 0, bytesFromB: 0 }
}

function traffic(s: ForwardSession, isEnded: boolean): SessionTraffic {
  return { vni: s.vni, packets: [s.packetsFromA, s.packetsFromB], bytes: [s.bytesFromA, s.bytesFromB], ended: isEnded }
}
