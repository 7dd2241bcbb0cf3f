import { subscriberOf } from '../../../lib/addr-port.ts'
import type { Clock } from '../../../lib/clock.ts'
import { KeyedBuckets } from '../../../lib/keyed-buckets.ts'

export interface RegisterLimits {
  /** Requests a minute. */
  readonly perMachine: number
  /** Of all machines behind one address; those on this machine do not count, nor what comes through a proxy that is not trusted. */
  readonly perAddress: number
  /** Refusals of one machine and auth key in a minute: a client repeats what was refused for ever. Who corrects the key need not wait. */
  readonly refusals: number
}

export const defaultRegisterLimits: RegisterLimits = { perMachine: 10, perAddress: 60, refusals: 5 }

/** Remembered of each kind. */
const most = 10_000

/** So many at once, and as many in each minute. */
function perMinute(count: number): KeyedBuckets<string> {
  return new KeyedBuckets({ perSecond: count / 60, burst: count }, most)
}

/** Until the next of so many in a minute. */
const secondsFor = (count: number): number => Math.ceil(60 / count)

const isLoopback = (ip: string): boolean => ip === '::1' || ip.startsWith('127.')

/** Who may ask how often (spec/coordination.md §10). `take` and `refused` are the seconds to wait; 0: go on. */
export class RegisterLimiter {
  readonly #machines: KeyedBuckets<string>
  readonly #addresses: KeyedBuckets<string>
  readonly #refusals: KeyedBuckets<string>
  readonly #limits: RegisterLimits
  readonly #clock: Clock

  constructor(clock: Clock, limits: RegisterLimits = defaultRegisterLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#machines = perMinute(limits.perMachine)
    this.#addresses = perMinute(limits.perAddress)
    this.#refusals = perMinute(limits.refusals)
  }

  /** Counts a request, before anything of it is read. */
  take({ machineKey, ip }: { readonly machineKey: string; readonly ip: string }): number {
    const now = this.#clock.now()
    if (!this.#machines.take(machineKey, now)) return secondsFor(this.#limits.perMachine)
    return isLoopback(ip) || this.#addresses.take(subscriberOf(ip), now) ? 0 : secondsFor(this.#limits.perAddress)
  }

  /** Seconds until this machine may try this again; 0: now. */
  refused(key: string): number {
    return this.#refusals.has(key, this.#clock.now()) ? 0 : secondsFor(this.#limits.refusals)
  }

  countRefusal(key: string): void {
    this.#refusals.take(key, this.#clock.now())
  }
}
