import type { Millis } from '../../lib/clock.ts'
import type { Amounts } from './spread.ts'
import type { DerpPairFigures, DerpSecond } from './types.ts'

/** A pair is on DERP while packets of it went in this time. */
const pairMs = 10_000
/** The rate in all and that of each pair are means of the same last seconds: they stand beside each other. */
const rateMs = 3000
/** Beyond it further pairs are not listed. */
const maxPairs = 10_000
const flushMs = 10_000

interface Pair {
  readonly a: number
  readonly b: number
  /** Of the last `pairMs`, oldest first. */
  readonly seconds: { readonly at: Millis; readonly fromA: number; readonly fromB: number }[]
}

/** Figures of our DERP server: its rate and its pairs now, and what goes to the series of relay 0. */
export class DerpFigures {
  /** Bounded: `maxPairs`; a pair goes `pairMs` after its last packet. */
  readonly #pairs = new Map<string, Pair>()
  /** Bounded: the seconds of the last `rateMs`, and the newest; oldest first. */
  #seconds: readonly { readonly at: Millis; readonly bytes: number; readonly ms: number }[] = []
  #bytes = 0
  #packets = 0
  #flushedAt: Millis

  constructor(now: Millis) {
    this.#flushedAt = now
  }

  record({ bytes, packets = 0, pairs }: DerpSecond, now: Millis): void {
    const last = this.#seconds.at(-1)
    const ms = last === undefined ? 1000 : Math.min(5000, Math.max(200, now - last.at))
    this.#seconds = [...recent(this.#seconds, now), { at: now, bytes, ms }]
    this.#bytes += bytes
    this.#packets += packets
    for (const one of pairs) {
      const isOrdered = one.a < one.b
      const [a, b] = isOrdered ? [one.a, one.b] : [one.b, one.a]
      const key = `${a} ${b}`
      const pair = this.#pairs.get(key) ?? { a, b, seconds: [] }
      if (!this.#pairs.has(key)) {
        if (this.#pairs.size >= maxPairs) continue
        this.#pairs.set(key, pair)
      }
      pair.seconds.push({ at: now, fromA: isOrdered ? one.bytesFromA : one.bytesFromB, fromB: isOrdered ? one.bytesFromB : one.bytesFromA })
    }
    this.#forget(now)
  }

  /** Bits a second. */
  rate(now: Millis): number {
    return bits(sum(recent(this.#seconds, now).map(({ bytes }) => bytes)), this.#recentMs(now))
  }

  /** Most traffic first. */
  pairs(now: Millis): DerpPairFigures[] {
    this.#forget(now)
    const ms = this.#recentMs(now)
    return [...this.#pairs.values()].map(({ a, b, seconds }) => {
      const last = recent(seconds, now)
      return { a, b, rateFromA: bits(sum(last.map(({ fromA }) => fromA)), ms), rateFromB: bits(sum(last.map(({ fromB }) => fromB)), ms) }
    }).sort((x, y) => y.rateFromA + y.rateFromB - x.rateFromA - x.rateFromB)
  }

  /** What came since the last time, each ten seconds; else undefined. */
  take(now: Millis): Amounts | undefined {
    if (now - this.#flushedAt < flushMs) return undefined
    // After a suspended machine or a clock that jumped: the bytes, for the time that they can be of.
    const from = Math.max(this.#flushedAt, now - 3 * flushMs)
    const amounts = { relayId: 0, from, to: now, bytesIn: this.#bytes, bytesOut: this.#bytes, packetsIn: this.#packets, packetsOut: this.#packets, cpuMs: 0, sessions: 0, drops: {} }
    this.#flushedAt = now
    this.#bytes = 0
    this.#packets = 0
    return amounts
  }

  /** How long the recent seconds were. */
  #recentMs(now: Millis): number {
    return sum(recent(this.#seconds, now).map(({ ms }) => ms))
  }

  #forget(now: Millis): void {
    // A clock that was set back must not keep the series waiting.
    if (now < this.#flushedAt) this.#flushedAt = now
    for (const [key, { seconds }] of this.#pairs) {
      while (seconds[0] && Math.abs(now - seconds[0].at) >= pairMs) seconds.shift()
      if (seconds.length === 0) this.#pairs.delete(key)
    }
  }
}

/** A clock that was set back makes what was recorded before no news. */
function recent<Second extends { readonly at: Millis }>(seconds: readonly Second[], now: Millis): Second[] {
  return seconds.filter(({ at }) => Math.abs(now - at) < rateMs)
}

function bits(bytes: number, ms: number): number {
  return ms === 0 ? 0 : (bytes * 8000) / ms
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}
