import { subscriberOf } from '../../lib/addr-port.ts'
import type { Clock, Millis } from '../../lib/clock.ts'

/** Tries per address: enough for a shared office, too few to guess with. */
export const triesPerAddress = { most: 10, within: 60_000 }
/** Tries per e-mail since the last success, from anywhere: holds many addresses that guess at one account. */
export const triesPerEmail = { most: 10, within: 15 * 60_000 }
/** Entries kept of each kind. */
const bound = 10_000

interface Window { count: number; readonly until: Millis }

function createCounter(rule: { readonly most: number; readonly within: Millis }, clock: Clock) {
  /** Bounded by `bound`: the oldest window goes first; a window past its end counts for nothing. */
  const windows = new Map<string, Window>()
  return {
    /** Counts one try; milliseconds to wait when there were too many. */
    take(key: string): Millis {
      const now = clock.now()
      const known = windows.get(key)
      if (known !== undefined && known.until > now) {
        if (known.count >= rule.most) return known.until - now
        known.count += 1
        return 0
      }
      windows.delete(key)
      if (windows.size >= bound) {
        const oldest = windows.keys().next()
        if (!oldest.done) windows.delete(oldest.value)
      }
      windows.set(key, { count: 1, until: now + rule.within })
      return 0
    },
    forget(key: string): void {
      windows.delete(key)
    },
  }
}

export interface SignInLimit {
  /** Counts a try to sign in. Returns the seconds to wait before the next one counts, 0: go on. */
  take(address: string, email: string): number
  /** The e-mail's owner came in: tries on it count from 0 again. */
  succeeded(email: string): void
}

function emailKey(email: string): string {
  return email.trim().toLowerCase().slice(0, 320)
}

export function createSignInLimit(clock: Clock): SignInLimit {
  const byAddress = createCounter(triesPerAddress, clock)
  const byEmail = createCounter(triesPerEmail, clock)
  return {
    take(address, email) {
      const wait = byAddress.take(subscriberOf(address)) || byEmail.take(emailKey(email))
      return Math.ceil(wait / 1000)
    },
    succeeded(email) {
      byEmail.forget(emailKey(email))
    },
  }
}
