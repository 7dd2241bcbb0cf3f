import type { PlacedSelector, Policy, PolicyNode } from './model.ts'

/** Somebody with an account. */
export type PolicyOwner = { readonly email: string; readonly role: NonNullable<PolicyNode['ownerRole']> }

/** Whether an owner of a tag, or an approver, is this person (spec/policy.md §11). */
export function selectsPerson(policy: Policy, { selector }: PlacedSelector, person: PolicyOwner): boolean {
  const email = person.email.toLowerCase()
  switch (selector.kind) {
    case 'person': return selector.email === email
    case 'domain': return email.endsWith(`@${selector.domain}`)
    case 'group': return policy.groups.get(selector.name)?.some((member) => selectsPerson(policy, member, person)) ?? false
    case 'autogroup': return selector.name === 'member' || selector.name === person.role || (selector.name === 'admin' && person.role === 'owner')
    default: return false
  }
}

/** Tags whose carriers may give a tag: itself, those that own it, and those that own these. Circles end. */
export function owningTags({ tagOwners }: Policy, tag: string): ReadonlySet<string> {
  /** Bounded by the tags of the document; a set is walked with what is added meanwhile. */
  const found = new Set([tag])
  for (const each of found) for (const { selector } of tagOwners.get(each) ?? []) if (selector.kind === 'tag') found.add(selector.name)
  return found
}

/** Whether a person may give a tag: as an owner of it, or of a tag that may give it. The network's owner and admins may give any. */
export function mayGiveTag(policy: Policy, person: PolicyOwner, tag: string): boolean {
  if (!policy.tagOwners.has(tag)) return false
  if (person.role !== 'viewer') return true
  return [...owningTags(policy, tag)].some((each) => policy.tagOwners.get(each)?.some((owner) => selectsPerson(policy, owner, person)) ?? false)
}
