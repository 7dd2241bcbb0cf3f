import type { RandomBytes } from '../../../lib/clock.ts'
import { hashSecret } from '../../db/secrets.ts'

const form = /^[A-Za-z0-9_-]{22}$/
const path = '/register/'

/** The id of a login that waits, 128 random bits; only its hash is stored. */
export function newLoginId(random: RandomBytes): string {
  return Buffer.from(random(16)).toString('base64url')
}

/** Where its person decides. */
export function loginUrl(publicUrl: string, id: string): string {
  return `${publicUrl}${path}${id}`
}

/** The stored form of an id, or of the URL that was made of it; undefined: it is neither. */
export function loginHash(text: string): string | undefined {
  const at = text.lastIndexOf(path)
  const id = at < 0 ? text : text.slice(at + path.length)
  return form.test(id) ? hashSecret(id) : undefined
}
