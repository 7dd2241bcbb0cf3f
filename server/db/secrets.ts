import { createHash, timingSafeEqual } from 'node:crypto'
import type { RandomBytes } from '../../lib/clock.ts'

/**
 * How secrets that people carry are made and kept: 256 random bits, of which only the SHA-256 reaches a table. No salt
 * and no slow hash: unlike a password, such a secret cannot be guessed, and a look-up by hash must be quick.
 */
export function newSecret(random: RandomBytes): string {
  return Buffer.from(random(32)).toString('base64url')
}

/** SHA-256 of the text, in hex. */
export function hashSecret(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/** Whether `text` has the stored hash, in a time that does not depend on where they differ. */
export function matchesHash(text: string, hash: string): boolean {
  const stored = Buffer.from(hash, 'hex')
  const given = Buffer.from(hashSecret(text), 'hex')
  return stored.length === given.length && timingSafeEqual(stored, given)
}

const apiTokenForm = /^tp_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/

/** An API token, `tp_<prefix>_<secret>`, and the prefix by which it is looked up and shown. */
export function newApiToken(random: RandomBytes): { readonly token: string; readonly prefix: string } {
  const prefix = Buffer.from(random(4)).toString('hex')
  return { token: `tp_${prefix}_${newSecret(random)}`, prefix: `tp_${prefix}` }
}

/** The prefix of a text that has the form of an API token; undefined: it is none. */
export function apiTokenPrefix(token: string): string | undefined {
  const prefix = apiTokenForm.exec(token)?.[1]
  return prefix === undefined ? undefined : `tp_${prefix}`
}

/** How long a one-time link can be used. */
export const linkLifetime = 24 * 3_600_000

/** The page where a one-time link leads. */
export function linkPath(token: string): string {
  return `/welcome?token=${token}`
}
