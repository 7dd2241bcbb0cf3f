import { mayGiveTag, owningTags, type Policy } from '../../../policy/index.ts'
import { TowpathError } from '../../errors/index.ts'
import type { Role } from '../person/shape.ts'
import { plainText } from './joining.ts'

/** Who vouches for a machine. */
export interface Voucher {
  readonly email: string
  readonly role: Role
}

/**
 * The tags that are asked for and may not be had. `own`: those of the auth key or of the machine, which may give themselves and what they
 * own; without any its person decides; null: nobody.
 */
export function refusedTags(policy: Policy, requested: readonly string[], own: readonly string[], voucher: Voucher | null): string[] {
  return requested.filter((tag) => {
    if (own.includes(tag)) return false
    if (!policy.tagOwners.has(tag)) return true
    if (own.length === 0) return voucher === null || !mayGiveTag(policy, voucher, tag)
    const giving = owningTags(policy, tag)
    return !own.some((each) => giving.has(each))
  })
}

/** What a client asks for, each once. */
export function requestedTags(texts: readonly string[]): string[] {
  return [...new Set(texts.map(plainText))].sort()
}

const [mostShown, mostShownText] = [10, 64]

/** Tags as texts and the audit trail name them: what a client asks for may be long, and anything. */
export function shownTags(tags: readonly string[]): string[] {
  const shown = tags.slice(0, mostShown).map((tag) => (tag.length <= mostShownText ? tag : `${tag.slice(0, mostShownText)}…`))
  return tags.length > mostShown ? [...shown, `and ${tags.length - mostShown} more`] : shown
}

/** As clients print it. Throws `forbidden`. */
export function assertTagsGiven(refused: readonly string[]): void {
  if (refused.length === 0) return
  throw new TowpathError({
    code: 'forbidden', path: 'Hostinfo.RequestTags', text: `requested tags [${shownTags(refused).join(' ')}] are invalid or not permitted`,
    fix: 'Ask for tags that the auth key has, or that "tagOwners" in the policy lets its person give',
  })
}
