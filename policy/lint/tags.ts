import type { PlacedSelector } from '../model.ts'
import type { Fix } from '../problem.ts'
import { addMember, topLevel } from './edits.ts'
import type { Lint, LintContext } from './model.ts'
import { namesOf } from './words.ts'

/** Roles that nobody has here (spec/policy.md §3.2). */
const emptyRoles: ReadonlySet<string> = new Set(['network-admin', 'it-admin', 'billing-admin', 'auditor', 'shared'])

/** A tag that nobody but the owner and admins may give, without saying so. */
export const tagUnowned: Lint = {
  rule: 'tag-unowned',
  find: (context) => {
    const list = topLevel(context, 'tagOwners')?.value.children ?? []
    return list.flatMap(({ children: [key, value] = [] }) => {
      const tag = String(key?.value)
      const owners = context.policy.tagOwners.get(tag)
      if (key === undefined || value === undefined || owners === undefined || isOwned(context, tag, new Set())) return []
      const why = owners.length === 0 ? '' : `: ${namesOf([...new Set(owners.map(({ text }) => text))])} ${owners.length === 1 ? 'is' : 'are'} nobody`
      return [{
        span: { offset: key.offset, length: key.length },
        message: `Nobody owns "${tag}"${why}. Only the owner and admins may give it.`,
        fix: { label: 'Let admins own it', offset: value.offset, length: value.length, replacement: '["autogroup:admin"]' },
      }]
    })
  },
}

/** Whether somebody can give the tag as an owner of it; `seen` are the tags asked about before, as circles contribute nothing. */
function isOwned(context: LintContext, tag: string, seen: Set<string>): boolean {
  if (seen.has(tag)) return false
  seen.add(tag)
  return (context.policy.tagOwners.get(tag) ?? []).some((owner) => isSomebody(context, owner, seen))
}

function isSomebody(context: LintContext, { selector }: PlacedSelector, seen: Set<string>): boolean {
  const { people, policy, network } = context
  switch (selector.kind) {
    case 'autogroup': return !emptyRoles.has(selector.name)
    case 'group': return (policy.groups.get(selector.name) ?? []).some((member) => isSomebody(context, member, seen))
    case 'person': return people === undefined || people.has(selector.email)
    case 'domain': return people === undefined || [...people].some((email) => email.endsWith(`@${selector.domain}`))
    case 'tag': return network.nodes.some(({ tags }) => tags.includes(selector.name)) || isOwned(context, selector.name, seen)
    default: return true
  }
}

/** Machines carry a tag that the document does not know: it was taken out, and they keep it (spec/policy.md §11). */
export const tagUndefined: Lint = {
  rule: 'tag-undefined',
  find: (context) => {
    const { policy, network } = context
    const tags = [...new Set(network.nodes.flatMap((node) => node.tags))].filter((tag) => !policy.tagOwners.has(tag)).toSorted()
    return tags.map((tag) => {
      const carriers = network.nodes.filter((node) => node.tags.includes(tag)).map(({ name }) => name)
      const fix = define(context, tag)
      return {
        span: topLevel(context, 'tagOwners')?.key ?? { offset: 0, length: 0 },
        message: `${namesOf(carriers)} ${carriers.length === 1 ? 'carries' : 'carry'} "${tag}", which "tagOwners" does not define: no rule can name ${carriers.length === 1 ? 'it' : 'them'} by it.`,
        ...(fix === undefined ? {} : { fix }),
      }
    })
  },
}

function define(context: LintContext, tag: string): Fix | undefined {
  const root = context.tree()
  const added = `${JSON.stringify(tag)}: ["autogroup:admin"]`
  const owners = topLevel(context, 'tagOwners')?.value
  if (owners !== undefined) return addMember(owners, `Define "${tag}"`, added)
  return root === undefined ? undefined : addMember(root, `Define "${tag}"`, `"tagOwners": {${added}}`)
}
