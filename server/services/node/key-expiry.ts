import type { Millis } from '../../../lib/clock.ts'

/** A person's machine shows twice a year that it is still theirs. */
const personDays = 180
const day = 86_400_000

/** When a node key made now expires: machines that belong to a person's account alone do, tagged ones belong to nobody and stay. */
export function keyExpiryOf({ tags, ownerId }: { readonly tags: readonly string[]; readonly ownerId: string | null }, now: Millis): Date | null {
  return tags.length > 0 || ownerId === null ? null : new Date(now + personDays * day)
}
