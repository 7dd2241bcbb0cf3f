import type { Clock } from '../../lib/clock.ts'
import type { CleanReport } from './clean.ts'
import type { OpenSessions } from './open-sessions.ts'
import type { RelayFigures, SessionFigures } from './types.ts'

/** Unwatched agents report each 10 s: two missed in a row and the rate is unknown. */
const staleMs = 25_000
/** A report that waited is history, not the rate now. */
const lateMs = 15_000
/** A rate over less than this jumps about: it is taken together with the report before. */
const shortMs = 500

type Amount = 'bytesIn' | 'bytesOut' | 'packetsIn' | 'packetsOut' | 'cpuMs' | 'drops'
type Window = Readonly<Record<Amount | 'ms', number>>

interface Known {
  readonly window: Window
  readonly figures: RelayFigures
  readonly to: number
  /** Bits a second by session key. Bounded: the sessions of one report. */
  readonly sessions: ReadonlyMap<string, { readonly a: number; readonly b: number }>
}

/** The last known rates of relays and their sessions. */
export class RelayRates {
  /** Bounded: one per relay of the network; a relay that goes is forgotten. */
  readonly #known = new Map<number, Known>()
  readonly #clock: Clock
  readonly #open: OpenSessions

  constructor(clock: Clock, open: OpenSessions) {
    this.#clock = clock
    this.#open = open
  }

  /** After `open` took the report in. */
  taken(id: number, report: CleanReport): void {
    if (report.isHistory) return
    const now = this.#clock.now()
    const before = this.#known.get(id)
    if (now - report.to > lateMs || (before !== undefined && report.to < before.to)) return
    const own = windowOf(report)
    const isShort = own.ms < shortMs && before !== undefined
    const window = isShort ? add(before.window, own) : own
    const perSecond = (value: number): number => (value * 1000) / window.ms
    this.#known.set(id, {
      window: own,
      to: report.to,
      figures: {
        id,
        at: now,
        bitsIn: perSecond(window.bytesIn) * 8,
        bitsOut: perSecond(window.bytesOut) * 8,
        packetsIn: perSecond(window.packetsIn),
        packetsOut: perSecond(window.packetsOut),
        cpu: window.cpuMs / window.ms,
        sessions: this.#open.count(id),
        endpoints: report.endpoints,
        dropsPerSecond: perSecond(window.drops),
      },
      sessions: isShort ? before.sessions : new Map(report.sessions.map(({ key, bytesFromA, bytesFromB }) =>
        [key, { a: (bytesFromA * 8000) / own.ms, b: (bytesFromB * 8000) / own.ms }])),
    })
  }

  forget(id: number): void {
    this.#known.delete(id)
  }

  relay(id: number): RelayFigures | undefined {
    const known = this.#fresh(id)
    return known && { ...known.figures, sessions: this.#open.count(id) }
  }

  relays(): RelayFigures[] {
    return [...this.#known.keys()].flatMap((id) => this.relay(id) ?? [])
  }

  sessions(): Map<string, SessionFigures> {
    const sessions = new Map<string, SessionFigures>()
    for (const { id, relayId, key, aId, bId, bytesA, bytesB, tooBigA, tooBigB } of this.#open.all()) {
      const rate = this.#fresh(relayId)?.sessions.get(key)
      sessions.set(id, {
        id, relayId, aId, bId, bitsFromA: rate?.a ?? 0, bitsFromB: rate?.b ?? 0, bytesFromA: bytesA, bytesFromB: bytesB,
        ...(tooBigA + tooBigB > 0 && { tooBig: [tooBigA, tooBigB] as const }),
      })
    }
    return sessions
  }

  #fresh(id: number): Known | undefined {
    const known = this.#known.get(id)
    return known && this.#clock.now() - known.figures.at <= staleMs ? known : undefined
  }
}

function windowOf({ from, to, bytesIn, bytesOut, packetsIn, packetsOut, cpuMs, drops }: CleanReport): Window {
  return { ms: to - from, bytesIn, bytesOut, packetsIn, packetsOut, cpuMs, drops: Object.values(drops).reduce((a, b) => a + b, 0) }
}

function add(a: Window, b: Window): Window {
  return {
    ms: a.ms + b.ms, bytesIn: a.bytesIn + b.bytesIn, bytesOut: a.bytesOut + b.bytesOut, packetsIn: a.packetsIn + b.packetsIn,
    packetsOut: a.packetsOut + b.packetsOut, cpuMs: a.cpuMs + b.cpuMs, drops: a.drops + b.drops,
  }
}
