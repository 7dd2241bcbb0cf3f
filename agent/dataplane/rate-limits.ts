import type { LegLimits, RateLimit } from '../relay/index.ts'
import { bucketRoom, charge, fitting, forgetPassed, setRate } from './token-bucket.ts'

/** Where the buckets are that one leg's traffic is charged to; 0: none. */
export type LegBuckets = readonly [client: number, session: number]
export const noBuckets: LegBuckets = [0, 0]

/** How many datagrams both buckets have room for, as in `fitting`; these are charged to both. */
export function admitted(buckets: Float64Array, client: number, session: number, packets: number, size: number, length: number, isProbe: boolean, now: number): number {
  let passed = packets
  if (client !== 0) passed = fitting(buckets, client, passed, size, length, isProbe, now)
  if (session !== 0) passed = fitting(buckets, session, passed, size, Math.min(length, passed * size), isProbe, now)
  if (passed === 0) return 0
  const bytes = Math.min(length, passed * size)
  if (client !== 0) charge(buckets, client, passed, bytes, now)
  if (session !== 0) charge(buckets, session, passed, bytes, now)
  return passed
}

export interface RateLimits {
  /** What a leg is charged to instead of `before`. Its buckets are kept while a leg has them, with what they have passed. */
  replace(before: LegBuckets, limits: LegLimits): LegBuckets
}

interface Bucket {
  readonly at: number
  readonly name: string
  bytesPerSecond: number
  users: number
}

/** Numbers for the buckets of `legs` legs; the first is nobody's. */
export function bucketNumbers(legs: number): number {
  return (2 * legs + 1) * bucketRoom
}

/**
 * Who has which bucket. Threads read and write `buckets` without a lock: two that charge one at once may lose one's charge,
 * so that a run of datagrams too many passes. A bucket given to another is for a moment still charged by a thread that was
 * not told yet.
 */
export function createRateLimits(buckets: Float64Array): RateLimits {
  /** By name, and by place. Bounded, both: `buckets` has room for each one that a leg may have. */
  const byName = new Map<string, Bucket>()
  const byPlace = new Map<number, Bucket>()
  /** Places that were given back. */
  const free: number[] = []
  let end = bucketRoom

  const create = (name: string): Bucket | undefined => {
    const at = free.pop() ?? end
    if (at >= buckets.length) return undefined
    if (at === end) end += bucketRoom
    forgetPassed(buckets, at)
    const made = { at, name, bytesPerSecond: -1, users: 0 }
    byName.set(name, made)
    byPlace.set(at, made)
    return made
  }

  const take = (limit: RateLimit | undefined): number => {
    const bucket = limit && (byName.get(limit.bucket) ?? create(limit.bucket))
    if (!bucket) return 0
    bucket.users++
    if (bucket.bytesPerSecond !== limit.bytesPerSecond) setRate(buckets, bucket.at, limit)
    bucket.bytesPerSecond = limit.bytesPerSecond
    return bucket.at
  }

  const giveBack = (at: number): void => {
    const bucket = byPlace.get(at)
    if (!bucket || --bucket.users > 0) return
    byName.delete(bucket.name)
    byPlace.delete(at)
    free.push(at)
  }

  return {
    replace(before, { client, session }) {
      // First what is new: a bucket that stays keeps what it has passed.
      const now: LegBuckets = [take(client), take(session)]
      for (const at of before) giveBack(at)
      return now
    },
  }
}
