import type { RandomBytes } from '../../../lib/clock.ts'
import { newSecret } from '../../db/secrets.ts'

const form = /^(tpk_[a-z0-9]{8})_[A-Za-z0-9_-]{43}$/

/** An auth key, `tpk_<prefix>_<secret>`, and the prefix by which it is looked up and shown. */
export function newAuthKey(random: RandomBytes): { readonly key: string; readonly prefix: string } {
  const prefix = `tpk_${Buffer.from(random(4)).toString('hex')}`
  return { key: `${prefix}_${newSecret(random)}`, prefix }
}

/** The prefix of a text that has the form of an auth key; undefined: it is none. */
export function authKeyPrefix(text: string): string | undefined {
  return form.exec(text)?.[1]
}
