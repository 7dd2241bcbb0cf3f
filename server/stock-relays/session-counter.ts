import type { Millis } from '../../lib/clock.ts'
import type { SessionDelta, SessionEnd } from '../../protocol/channel/index.ts'
import type { NameEnd } from './name-end.ts'
import type { StockSession } from './sessions-answer.ts'

/** A session as it was last seen: by this process, or by the table from before it looked. */
export interface CountedSession {
  readonly key: string
  readonly aId: number
  readonly bId: number
  readonly openedAt: Millis
  readonly bytesA: number
  readonly bytesB: number
  readonly packetsA: number
  readonly packetsB: number
}

/** What became of the sessions since the last look. */
export interface SessionChanges {
  readonly deltas: readonly SessionDelta[]
  readonly ended: readonly SessionEnd[]
  /** Of all sessions, named or not, as far as it is of the time since the last look. */
  readonly bytes: number
  readonly packets: number
  /** What to count from next time. */
  readonly next: SessionCounter
}

/** `<vni>-<disco a>-<disco b>`: a relay that was restarted numbers anew, and the same two may meet on the same number. */
const nameOf = ({ vni, a, b }: StockSession): string => `${vni}-${a.disco}-${b.disco}`
/** With which of those that bore the name it is. */
const keyOf = (name: string, turn: number): string => `${name}-${turn}`
const turnOf = (key: string): number => Number(key.slice(key.lastIndexOf('-') + 1)) || 0
const withoutTurn = (key: string): string => key.slice(0, key.lastIndexOf('-'))

/** Turns a stock relay's counters, which count from each session's beginning, into what happened since the last look. A value. */
export class SessionCounter {
  /** By name. Bounded: sessions of one answer (70,000). */
  readonly #known: ReadonlyMap<string, CountedSession>
  readonly #isFirst: boolean

  private constructor(known: ReadonlyMap<string, CountedSession>, isFirst: boolean) {
    this.#known = known
    this.#isFirst = isFirst
  }

  /** Goes on from what the table has: nothing is counted twice. */
  static from(stored: readonly CountedSession[]): SessionCounter {
    return new SessionCounter(new Map(stored.map((one) => [withoutTurn(one.key), one])), true)
  }

  get size(): number {
    return this.#known.size
  }

  /** `from`: when it was last looked, `to`: now; `gone`: why those that are gone ended. */
  take(sessions: readonly StockSession[], nameEnd: NameEnd, from: Millis, to: Millis, gone = 'ended by the relay'): SessionChanges {
    const next = new Map<string, CountedSession>()
    const deltas: SessionDelta[] = []
    const ended: SessionEnd[] = []
    let [bytes, packets] = [0, 0]
    for (const session of sessions) {
      const name = nameOf(session)
      const before = this.#known.get(name)
      const isOther = before !== undefined && fell(before, session)
      if (isOther) ended.push({ key: before.key, at: to, reason: 'relay restarted' })
      const same = isOther ? undefined : before
      const counted = same ?? this.#begun(session, name, isOther ? turnOf(before.key) + 1 : 0, nameEnd, from)
      const delta = {
        bytesFromA: session.a.bytes - (same?.bytesA ?? 0), bytesFromB: session.b.bytes - (same?.bytesB ?? 0),
        packetsFromA: session.a.packets - (same?.packetsA ?? 0), packetsFromB: session.b.packets - (same?.packetsB ?? 0),
      }
      // What was sent before the first look is the session's, and of no known time.
      if (!this.#isFirst) {
        bytes += delta.bytesFromA + delta.bytesFromB
        packets += delta.packetsFromA + delta.packetsFromB
      }
      next.set(name, { ...counted, bytesA: session.a.bytes, bytesB: session.b.bytes, packetsA: session.a.packets, packetsB: session.b.packets })
      if (counted.aId > 0 && counted.bId > 0) deltas.push({ key: counted.key, vni: session.vni, a: counted.aId, b: counted.bId, openedAt: counted.openedAt, ...delta })
    }
    for (const [name, { key }] of this.#known) if (!next.has(name)) ended.push({ key, at: to, reason: gone })
    return { deltas, ended, bytes, packets, next: new SessionCounter(next, false) }
  }

  #begun(session: StockSession, name: string, turn: number, nameEnd: NameEnd, from: Millis): CountedSession {
    return {
      key: keyOf(name, turn), aId: nameEnd(session.a.disco) ?? 0, bId: nameEnd(session.b.disco) ?? 0, openedAt: from,
      bytesA: 0, bytesB: 0, packetsA: 0, packetsB: 0,
    }
  }
}

/** Counters never fall: this is another session with the same number and ends. */
function fell(before: CountedSession, { a, b }: StockSession): boolean {
  return a.bytes < before.bytesA || b.bytes < before.bytesB || a.packets < before.packetsA || b.packets < before.packetsB
}
