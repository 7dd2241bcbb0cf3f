import type { PlacedSelector, Policy } from '../../../policy/index.ts'
import { TowpathError } from '../../errors/index.ts'
import type { Role } from '../person/shape.ts'
import { plainText } from './joining.ts'

/** Who vouches for a machine. */
export interface Voucher {
  readonly email: string
  readonly role: Role
}

function covers(policy: Policy, { selector }: PlacedSelector, email: string): boolean {
  switch (selector.kind) {
    case 'person': return selector.email === email
    case 'domain': return email.endsWith(`@${selector.domain}`)
    case 'group': return policy.groups.get(selector.name)?.some((member) => covers(policy, member, email)) ?? false
    case 'autogroup': return selector.name === 'member'
    // Machines' tags own tags as well: not a person's matter. Roles that own are the owner and admins, who may give any.
    default: return false
  }
}

/** Whether the policy lets a person give a tag: one of its owners may, and the network's owner and admins (spec/policy.md §11). */
export function mayGiveTag(policy: Policy, { email, role }: Voucher, tag: string): boolean {
  const owners = policy.tagOwners.get(tag)
  if (owners === undefined) return false
  return role !== 'viewer' || owners.some((owner) => covers(policy, owner, email.toLowerCase()))
}

/** The tags that are asked for and may not be had. `own`: those of the auth key; without any its person decides; null: nobody. */
export function refusedTags(policy: Policy, requested: readonly string[], own: readonly string[], voucher: Voucher | null): string[] {
  return requested.filter((tag) => !(own.length > 0 ? own.includes(tag) : voucher !== null && mayGiveTag(policy, voucher, tag)))
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
