import type { Millis } from '../../lib/clock.ts'
import { TokenBucket, type Rate } from '../../lib/token-bucket.ts'

export interface DoorLimits {
  /** Connections in all. */
  readonly maxConnections: number
  /** Connections that have not proven a key yet, in all and from one address. */
  readonly maxUnproven: number
  readonly maxUnprovenPerIp: number
  /** Refused nodes from one address; when used up, its next connections are turned away at once. */
  readonly refusals: Rate
}

export const defaultDoorLimits: DoorLimits = {
  maxConnections: 20_000, maxUnproven: 2048, maxUnprovenPerIp: 256, refusals: { perSecond: 1, burst: 60 },
}

/** Addresses remembered for their refusals; when full, nobody further is, until some have been forgiven. */
const maxRemembered = 10_000

export type TurnedAway = 'full' | 'too-many-unproven' | 'too-many-unproven-of-address' | 'refused-too-often'

export interface DoorCounts {
  /** Connections before their upgrade, since the start. */
  readonly turnedAway: Readonly<Record<TurnedAway, number>>
  /** Nodes, by what they were told: codes of ours. Since the start. */
  readonly refused: Readonly<Record<string, number>>
}

/** Decides who may knock, so that strangers cannot use up sockets or signatures. */
export class Door {
  readonly #limits: DoorLimits
  #connections = 0
  #unproven = 0
  /** Bounded: `maxUnproven`; an address goes with its last unproven connection. */
  readonly #unprovenOf = new Map<string, number>()
  /** Bounded: `maxRemembered`; forgotten once full again (`forget`). */
  readonly #refusals = new Map<string, TokenBucket>()
  readonly #turnedAway: Record<TurnedAway, number> = { full: 0, 'too-many-unproven': 0, 'too-many-unproven-of-address': 0, 'refused-too-often': 0 }
  /** Bounded: the codes of refusals, a handful. */
  readonly #refused = new Map<string, number>()

  constructor(limits: DoorLimits) {
    this.#limits = limits
  }

  get connections(): number {
    return this.#connections
  }

  get unproven(): number {
    return this.#unproven
  }

  get counts(): DoorCounts {
    return { turnedAway: { ...this.#turnedAway }, refused: Object.fromEntries(this.#refused) }
  }

  /** Counts the connection in, or says why not. */
  enter(ip: string, now: Millis): TurnedAway | undefined {
    const why = this.#enter(ip, now)
    if (why !== undefined) this.#turnedAway[why]++
    return why
  }

  #enter(ip: string, now: Millis): TurnedAway | undefined {
    const { maxConnections, maxUnproven, maxUnprovenPerIp } = this.#limits
    if (this.#connections >= maxConnections) return 'full'
    if (this.#unproven >= maxUnproven) return 'too-many-unproven'
    const ofAddress = this.#unprovenOf.get(ip) ?? 0
    if (ofAddress >= maxUnprovenPerIp) return 'too-many-unproven-of-address'
    if (this.#refusals.get(ip)?.has(1, now) === false) return 'refused-too-often'
    this.#connections++
    this.#unproven++
    this.#unprovenOf.set(ip, ofAddress + 1)
    return undefined
  }

  proven(ip: string): void {
    this.#unproven--
    const left = (this.#unprovenOf.get(ip) ?? 1) - 1
    if (left > 0) this.#unprovenOf.set(ip, left)
    else this.#unprovenOf.delete(ip)
  }

  left(ip: string, wasProven: boolean): void {
    if (!wasProven) this.proven(ip)
    this.#connections--
  }

  refused(ip: string, code: string, now: Millis): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1)
    const known = this.#refusals.get(ip)
    if (known === undefined && this.#refusals.size >= maxRemembered) return
    const bucket = known ?? new TokenBucket(this.#limits.refusals, now)
    bucket.take(1, now)
    this.#refusals.set(ip, bucket)
  }

  /** Called now and then: forgets addresses that were forgiven. */
  forget(now: Millis): void {
    for (const [ip, bucket] of this.#refusals) if (bucket.isFull(now)) this.#refusals.delete(ip)
  }
}
