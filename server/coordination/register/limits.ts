import { subscriberOf } from '../../../lib/addr-port.ts'
import type { Clock, Millis } from '../../../lib/clock.ts'
import { TokenBucket } from '../../../lib/token-bucket.ts'

export interface RegisterLimits {
  /** Requests a minute. */
  readonly perMachine: number
  /** Of all machines behind one address; those on this machine do not count, nor what comes through a proxy that is not trusted. */
  readonly perAddress: number
  /** Refusals of one machine and auth key in a minute: a client repeats what was refused for ever. Who corrects the key need not wait. */
  readonly refusals: number
}

export const defaultRegisterLimits: RegisterLimits = { perMachine: 10, perAddress: 60, refusals: 5 }

const minute = 60_000
/** Entries kept of each kind; the oldest goes first. */
const bound = 10_000

/** The entry of a key, made when it is not there, the newest at the end. */
function entryOf<T>(map: Map<string, T>, key: string, make: () => T): T {
  const entry = map.get(key) ?? make()
  map.delete(key)
  if (map.size >= bound) {
    const oldest = map.keys().next()
    if (!oldest.done) map.delete(oldest.value)
  }
  map.set(key, entry)
  return entry
}

const isLoopback = (ip: string): boolean => ip === '::1' || ip.startsWith('127.')

interface Refusals { count: number; until: Millis }

/** Who may ask how often (spec/coordination.md §10). Each `take` is the seconds to wait; 0: go on. */
export class RegisterLimiter {
  /** Bounded by `bound`, as both below. */
  readonly #machines = new Map<string, TokenBucket>()
  readonly #addresses = new Map<string, TokenBucket>()
  readonly #refusals = new Map<string, Refusals>()
  readonly #limits: RegisterLimits
  readonly #clock: Clock

  constructor(clock: Clock, limits: RegisterLimits = defaultRegisterLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Counts a request, before anything of it is read. */
  take({ machineKey, ip }: { readonly machineKey: string; readonly ip: string }): number {
    const { perMachine, perAddress } = this.#limits
    if (!this.#has(this.#machines, machineKey, perMachine)) return Math.ceil(60 / perMachine)
    return isLoopback(ip) || this.#has(this.#addresses, subscriberOf(ip), perAddress) ? 0 : Math.ceil(60 / perAddress)
  }

  /** Seconds until this machine may try this again; 0: now. */
  refused(key: string): number {
    const known = this.#refusals.get(key)
    const now = this.#clock.now()
    return known === undefined || known.until <= now || known.count < this.#limits.refusals ? 0 : Math.ceil((known.until - now) / 1000)
  }

  countRefusal(key: string): void {
    const now = this.#clock.now()
    const known = entryOf(this.#refusals, key, () => ({ count: 0, until: now + minute }))
    if (known.until <= now) Object.assign(known, { count: 0, until: now + minute })
    known.count += 1
  }

  #has(buckets: Map<string, TokenBucket>, key: string, perMinute: number): boolean {
    const now = this.#clock.now()
    return entryOf(buckets, key, () => new TokenBucket({ perSecond: perMinute / 60, burst: perMinute }, now)).take(1, now)
  }
}
