import type { Clock, Millis } from '../../lib/clock.ts'
import { TowpathError } from '../errors/index.ts'
import type { DerpFigures } from './derp.ts'
import type { OpenSessions } from './open-sessions.ts'
import { RelayRates } from './relay-rates.ts'
import type { DerpPairFigures, RelayFigures, SessionFigures } from './types.ts'

/** One second for one subscriber (`liveSampleSchema`). */
export interface LiveSample {
  readonly at: Millis
  readonly relays: readonly RelayFigures[]
  readonly sessions: readonly Pick<SessionFigures, 'id' | 'bitsFromA' | 'bitsFromB' | 'bytesFromA' | 'bytesFromB' | 'tooBig'>[]
  readonly derpBits: number
  /** Absent: sessions of all relays were not asked for. */
  readonly derpPairs?: readonly DerpPairFigures[] | undefined
}

export interface LiveInterest {
  /** Absent: all. */
  readonly relayIds?: readonly number[] | undefined
  readonly sessions?: boolean | undefined
}

/** Last known figures, and who looks at them. */
export interface LiveFigures {
  /** Undefined: unknown (offline, or no report for 25 s). */
  relay(id: number): RelayFigures | undefined
  relays(): readonly RelayFigures[]
  /** Sessions that run, by the id of their row. */
  sessions(): ReadonlyMap<string, SessionFigures>
  /** How many run: on one relay, or in all. */
  sessionCount(relayId?: number): number
  /** Bits a second over our DERP. */
  derpRate(): number
  derpPairs(): readonly DerpPairFigures[]
  /** A sample at once and each second. Throws `unavailable` when too many look. */
  subscribe(listener: (sample: LiveSample) => void, interest?: LiveInterest): () => void
  /** Whether somebody looks at this relay: its agent then reports each second. */
  watched(relayId: number): boolean
  /** Told when `watched` may have changed, of any relay. */
  onWatch(listener: () => void): () => void
}

const maxSubscribers = 500
/** Of one sample, the busiest: a page lists fewer. */
const maxSessions = 1000
const maxDerpPairs = 200
/** A page that is loaded again must not have agents change their pace twice. */
const lingerMs = 5000

interface Subscriber {
  readonly listener: (sample: LiveSample) => void
  readonly relayIds: ReadonlySet<number> | undefined
  readonly wantsSessions: boolean
}

export interface LiveOptions {
  readonly clock: Clock
  readonly open: OpenSessions
  readonly derp: DerpFigures
  readonly onError: (error: unknown) => void
}

export class Live implements LiveFigures {
  readonly rates: RelayRates
  readonly #options: LiveOptions
  /** Bounded: `maxSubscribers`. */
  readonly #subscribers = new Set<Subscriber>()
  /** Interests of those that stopped looking, until when they count. Bounded: emptied by `tick`; at most `maxSubscribers` in `lingerMs`. */
  #lingering: { readonly relayIds: ReadonlySet<number> | undefined; readonly until: Millis }[] = []
  /** Bounded: those who listen, who take themselves away. */
  readonly #watchListeners = new Set<() => void>()

  constructor(options: LiveOptions) {
    this.#options = options
    this.rates = new RelayRates(options.clock, options.open)
  }

  relay(id: number): RelayFigures | undefined {
    return this.rates.relay(id)
  }

  relays(): readonly RelayFigures[] {
    return this.rates.relays()
  }

  sessions(): ReadonlyMap<string, SessionFigures> {
    return this.rates.sessions()
  }

  sessionCount(relayId?: number): number {
    const { open } = this.#options
    return relayId === undefined ? open.total : open.count(relayId)
  }

  derpRate(): number {
    return this.#options.derp.rate(this.#options.clock.now())
  }

  derpPairs(): readonly DerpPairFigures[] {
    return this.#options.derp.pairs(this.#options.clock.now())
  }

  subscribe(listener: (sample: LiveSample) => void, { relayIds, sessions = false }: LiveInterest = {}): () => void {
    if (this.#subscribers.size >= maxSubscribers) {
      throw new TowpathError({ code: 'unavailable', text: `${maxSubscribers} pages look at live figures already`, fix: 'Close some of them' })
    }
    const subscriber: Subscriber = { listener, relayIds: relayIds && new Set(relayIds), wantsSessions: sessions }
    this.#subscribers.add(subscriber)
    this.#tellWatchers()
    queueMicrotask(() => {
      if (this.#subscribers.has(subscriber)) this.#feed([subscriber])
    })
    return () => {
      if (!this.#subscribers.delete(subscriber)) return
      if (this.#lingering.length >= maxSubscribers) this.#lingering.shift()
      this.#lingering.push({ relayIds: subscriber.relayIds, until: this.#options.clock.now() + lingerMs })
    }
  }

  watched(relayId: number): boolean {
    const looks = ({ relayIds }: { readonly relayIds: ReadonlySet<number> | undefined }): boolean => relayIds?.has(relayId) ?? true
    return [...this.#subscribers].some(looks) || this.#lingering.some(looks)
  }

  onWatch(listener: () => void): () => void {
    this.#watchListeners.add(listener)
    return () => {
      this.#watchListeners.delete(listener)
    }
  }

  /** Each second: feeds those who look. */
  tick(): void {
    const now = this.#options.clock.now()
    const lingering = this.#lingering.filter(({ until }) => until > now && until <= now + lingerMs)
    const isOver = lingering.length < this.#lingering.length
    this.#lingering = lingering
    if (isOver) this.#tellWatchers()
    this.#feed([...this.#subscribers])
  }

  #tellWatchers(): void {
    for (const listener of [...this.#watchListeners]) this.#safely(listener)
  }

  #feed(subscribers: readonly Subscriber[]): void {
    if (subscribers.length === 0) return
    const relays = this.relays()
    const sessions = subscribers.some(({ wantsSessions }) => wantsSessions) ? [...this.sessions().values()] : []
    const derpPairs = subscribers.some(looksAtPairs) ? this.derpPairs().filter(({ rateFromA, rateFromB }) => rateFromA + rateFromB > 0).slice(0, maxDerpPairs) : []
    const base = { at: this.#options.clock.now(), derpBits: this.derpRate() }
    for (const subscriber of subscribers) {
      const { listener, relayIds, wantsSessions } = subscriber
      this.#safely(() => listener({
        ...base,
        relays: relayIds ? relays.filter(({ id }) => relayIds.has(id)) : relays,
        sessions: wantsSessions ? busiest(sessions.filter(({ relayId }) => relayIds?.has(relayId) ?? true)) : [],
        ...(looksAtPairs(subscriber) && { derpPairs }),
      }))
    }
  }

  #safely(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#options.onError(error)
    }
  }
}

function looksAtPairs({ relayIds, wantsSessions }: Subscriber): boolean {
  return wantsSessions && relayIds === undefined
}

function busiest(sessions: readonly SessionFigures[]): LiveSample['sessions'] {
  const rate = (one: SessionFigures): number => one.bitsFromA + one.bitsFromB
  const shown = sessions.length <= maxSessions ? sessions : sessions.toSorted((a, b) => rate(b) - rate(a)).slice(0, maxSessions)
  return shown.map(({ id, bitsFromA, bitsFromB, bytesFromA, bytesFromB, tooBig }) => ({ id, bitsFromA, bitsFromB, bytesFromA, bytesFromB, ...(tooBig && { tooBig }) }))
}
