import { subscriberOf } from '../../../lib/addr-port.ts'
import type { Millis } from '../../../lib/clock.ts'
import { KeyedBuckets } from '../../../lib/keyed-buckets.ts'
import type { RefusedReason } from './counts.ts'
import type { TransportLimits } from './limits.ts'

/** Addresses remembered for their rate. */
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
  readonly #rates: KeyedBuckets<string>

  constructor(limits: TransportLimits) {
    this.#limits = limits
    this.#rates = new KeyedBuckets(limits.newPerIp, maxRemembered)
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
    const subscriber = subscriberOf(ip)
    if (!this.#rates.take(subscriber, now)) return 'rate'
    if (this.#connections >= maxConnections || this.#unregistered >= maxUnregistered) return 'full'
    const ofSubscriber = this.#unregisteredOf.get(subscriber) ?? 0
    if (ofSubscriber >= maxUnregisteredPerIp) return 'too-many-unregistered'
    this.#connections++
    this.#unregistered++
    this.#unregisteredOf.set(subscriber, ofSubscriber + 1)
    let isStranger = true
    let isHere = true
    const registered = (): void => {
      if (!isStranger) return
      isStranger = false
      this.#unregistered--
      const left = (this.#unregisteredOf.get(subscriber) ?? 1) - 1
      if (left > 0) this.#unregisteredOf.set(subscriber, left)
      else this.#unregisteredOf.delete(subscriber)
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
}
