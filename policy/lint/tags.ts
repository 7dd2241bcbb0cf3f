import type { Fix } from '../problem.ts'
import { emptyAutogroups } from '../read/positions.ts'
import type { Selector } from '../selector.ts'
import { addMember, topLevel } from './edits.ts'
import type { Lint, LintContext } from './model.ts'
import { namesOf } from './words.ts'

/** A tag that nobody but the owner and admins may give, without saying so. */
export const tagUnowned: Lint = {
  code: 'tag-unowned',
  find: (context) => {
    const list = topLevel(context, 'tagOwners')?.value.children ?? []
    const owned = ownedTags(context)
    return list.flatMap(({ children: [key, value] = [] }) => {
      const tag = String(key?.value)
      const owners = context.policy.tagOwners.get(tag)
      if (key === undefined || value === undefined || owners === undefined || owned.has(tag)) return []
      const why = owners.length === 0 ? '' : `: ${namesOf([...new Set(owners.map(({ text }) => text))])} ${owners.length === 1 ? 'is' : 'are'} nobody`
      return [{
        span: { offset: key.offset, length: key.length },
        message: `Nobody owns "${tag}"${why}. Only the owner and admins may give it.`,
        fix: { label: 'Let admins own it', offset: value.offset, length: value.length, replacement: '["autogroup:admin"]' },
      }]
    })
  },
}

/** Tags that somebody can give as an owner: a person, or who carries a tag that owns them, however long the chain. */
function ownedTags(context: LintContext): ReadonlySet<string> {
  const { policy, network } = context
  const carried = new Set(network.nodes.flatMap(({ tags }) => tags))
  /** The tags that a tag owns. Bounded by the document, as what is found is. */
  const ownedBy = new Map<string, string[]>()
  const owned = new Set<string>()
  for (const [tag, owners] of policy.tagOwners) {
    for (const { selector } of owners) {
      if (selector.kind !== 'tag') {
        if (isSomebody(context, selector)) owned.add(tag)
        continue
      }
      const list = ownedBy.get(selector.name) ?? []
      ownedBy.set(selector.name, list)
      list.push(tag)
      if (carried.has(selector.name)) owned.add(tag)
    }
  }
  // A set is walked with what is added meanwhile, so circles end.
  for (const tag of owned) for (const next of ownedBy.get(tag) ?? []) owned.add(next)
  return owned
}

function isSomebody(context: LintContext, selector: Selector): boolean {
  const { people, policy } = context
  switch (selector.kind) {
    case 'autogroup': return !emptyAutogroups.has(selector.name)
    case 'group': return (policy.groups.get(selector.name) ?? []).some((member) => isSomebody(context, member.selector))
    case 'person': return people === undefined || people.has(selector.email)
    case 'domain': return people === undefined || [...people].some((email) => email.endsWith(`@${selector.domain}`))
    default: return true
  }
}

/** Machines carry a tag that the document does not know: it was taken out, and they keep it (spec/policy.md §11). */
export const tagUndefined: Lint = {
  code: 'tag-undefined',
  find: (context) => {
    const { policy, network } = context
    const tags = [...new Set(network.nodes.flatMap((node) => node.tags))].filter((tag) => !policy.tagOwners.has(tag)).toSorted()
    return tags.map((tag) => {
      const carriers = network.nodes.filter((node) => node.tags.includes(tag)).map(({ name }) => name)
      const fix = define(context, tag)
      return {
        span: topLevel(context, 'tagOwners')?.keySpan ?? { offset: 0, length: 0 },
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
