import { subscriberOf } from '../../../lib/addr-port.ts'
import type { Millis } from '../../../lib/clock.ts'
import { TokenBucket } from '../../../lib/token-bucket.ts'
import type { RefusedReason } from './counts.ts'
import type { TransportLimits } from './limits.ts'

/** Addresses remembered for their rate; while there are so many, new ones are not held to theirs. */
const maxRemembered = 20_000

/** A connection's place: to be left once. */
export interface Place {
  /** The machine has a node: it no longer counts among strangers. */
  readonly registered: () => void
  readonly leave: () => void
}

/** Decides who gets a connection, so that strangers cannot use up sockets or handshakes. */
export class Door {
  readonly #limits: TransportLimits
  #connections = 0
  #unregistered = 0
  /** Bounded: `maxUnregistered`; an address goes with its last unregistered connection. */
  readonly #unregisteredOf = new Map<string, number>()
  /** Bounded: `maxRemembered`; forgotten once full again (`forget`). */
  readonly #rates = new Map<string, TokenBucket>()

  constructor(limits: TransportLimits) {
    this.#limits = limits
  }

  get connections(): number {
    return this.#connections
  }

  get unregistered(): number {
    return this.#unregistered
  }

  /** A place for a new connection, or why there is none. */
  enter(ip: string, now: Millis): Place | RefusedReason {
    const { maxConnections, maxUnregistered, maxUnregisteredPerIp } = this.#limits
    const bucket = subscriberOf(ip)
    if (!this.#mayKnock(bucket, now)) return 'rate'
    if (this.#connections >= maxConnections || this.#unregistered >= maxUnregistered) return 'full'
    const ofBucket = this.#unregisteredOf.get(bucket) ?? 0
    if (ofBucket >= maxUnregisteredPerIp) return 'too-many-unregistered'
    this.#connections++
    this.#unregistered++
    this.#unregisteredOf.set(bucket, ofBucket + 1)
    let isStranger = true
    let isHere = true
    const registered = (): void => {
      if (!isStranger) return
      isStranger = false
      this.#unregistered--
      const left = (this.#unregisteredOf.get(bucket) ?? 1) - 1
      if (left > 0) this.#unregisteredOf.set(bucket, left)
      else this.#unregisteredOf.delete(bucket)
    }
    return {
      registered,
      leave: () => {
        if (!isHere) return
        isHere = false
        this.#connections--
        registered()
      },
    }
  }

  #mayKnock(bucket: string, now: Millis): boolean {
    const known = this.#rates.get(bucket)
    if (known) return known.take(1, now)
    if (this.#rates.size >= maxRemembered) return true
    const rate = new TokenBucket(this.#limits.newPerIp, now)
    this.#rates.set(bucket, rate)
    return rate.take(1, now)
  }

  /** Called now and then: forgets addresses that have been quiet. */
  forget(now: Millis): void {
    for (const [bucket, rate] of this.#rates) if (rate.isFull(now)) this.#rates.delete(bucket)
  }
}
