import type { PlacedSelector } from '../model.ts'
import { nearest } from '../nearest.ts'
import { isAny, union } from './context.ts'
import { addGrant, topLevel } from './edits.ts'
import type { Lint, LintContext, LintFinding } from './model.ts'
import { namesOf } from './words.ts'

/** A person without an account: matches nobody, and most often is mistyped (spec/policy.md §3.1). */
export const unknownPerson: Lint = {
  code: 'unknown-person',
  find: (context) => {
    const { people } = context
    if (people === undefined) return []
    return everySelector(context).flatMap(({ selector, text, place }): LintFinding[] => {
      if (selector.kind !== 'person' || people.has(selector.email)) return []
      const meant = nearestPerson(selector.email, people)
      const message = `Nobody here has the account "${text}", so it matches nobody.`
      if (meant === undefined) return [{ span: place, message, advice: 'Invite them under People, or remove the name.' }]
      return [{ span: place, message: `${message} Did you mean "${meant}"?`, ...changed(context, { text, place }, meant) }]
    })
  },
}

/** A person in an acl's destination stands before its ports, which stay. */
function changed({ text: document }: LintContext, { text, place }: Pick<PlacedSelector, 'text' | 'place'>, meant: string): Pick<LintFinding, 'fix'> {
  const raw = document.slice(place.offset, place.offset + place.length)
  return raw.includes(text) ? { fix: { label: `Change to "${meant}"`, offset: place.offset, length: place.length, replacement: raw.replace(text, () => meant) } } : {}
}

/** With the same domain, or else with the same name in a domain that is nearly the same. */
function nearestPerson(email: string, people: ReadonlySet<string>): string | undefined {
  const [name, domain] = halves(email)
  const known = [...people].map(halves)
  const meant = nearest(name, known.flatMap(([one, at]) => (at === domain ? [one] : [])))
  if (meant !== undefined) return `${meant}@${domain}`
  const elsewhere = nearest(domain, known.flatMap(([one, at]) => (one === name ? [at] : [])))
  return elsewhere === undefined ? undefined : `${name}@${elsewhere}`
}

function halves(email: string): readonly [name: string, domain: string] {
  const at = email.lastIndexOf('@')
  return [email.slice(0, at), email.slice(at + 1)]
}

/** Every selector of the document, each place once. Tests refuse unknown people themselves. */
function everySelector({ policy }: LintContext): PlacedSelector[] {
  const { autoApprovers } = policy
  const all = [
    ...[...policy.groups.values()].flat(), ...[...policy.tagOwners.values()].flat(),
    ...(policy.grants ?? []).flatMap(({ src, dst }) => [...src, ...dst]),
    ...policy.nodeAttrs.flatMap(({ target }) => target),
    ...autoApprovers.routes.flatMap(({ approvers }) => approvers), ...autoApprovers.exitNode, ...autoApprovers.relays,
  ]
  return [...new Map(all.map((use) => [use.place.offset, use])).values()]
}

/** People with machines that may open a connection to nothing at all. */
export const idlePeople: Lint = {
  code: 'idle-people',
  find: (context) => {
    if (context.policy.grants === undefined) return []
    const { nodes } = context.network
    // Tagged machines are nobody's, so whether they reach anything is no matter.
    const reaching = Uint8Array.from(nodes, ({ owner, tags }) => (owner === undefined || tags.length > 0 ? 1 : 0))
    for (const grant of context.grants) {
      if (!reaching.includes(0)) return []
      if (grant.written.ip.length === 0) continue
      const others = grant.compiled.dst.filter(({ selector }) => context.compiled.selectors[selector]?.kind !== 'self')
      const dst = union(context, others)
      const one = dst.indexOf(1)
      const isMany = one >= 0 && dst.includes(1, one + 1)
      const isOut = others.some(({ selector }) => context.isBehind(selector) || context.compiled.selectors[selector]?.kind === 'any')
      const isSelf = others.length < grant.compiled.dst.length
      if (!isAny(dst) && !isOut && !isSelf) continue
      const src = union(context, grant.compiled.src)
      const isAnyOf = isSelf || isOut || isMany
      for (let at = 0; at < src.length; at++) if (src[at] === 1 && (isAnyOf || one !== at)) reaching[at] = 1
    }
    /** Bounded by the network's people. */
    const idle = new Map<string, boolean>()
    for (const [at, { owner, tags }] of nodes.entries()) {
      if (owner === undefined || tags.length > 0) continue
      idle.set(owner.toLowerCase(), (idle.get(owner.toLowerCase()) ?? true) && reaching[at] === 0)
    }
    const who = [...idle].flatMap(([email, isIdle]) => (isIdle ? [email] : [])).toSorted()
    if (who.length === 0) return []
    const key = (topLevel(context, 'grants') ?? topLevel(context, 'acls'))?.keySpan
    const fix = addGrant(context, 'Let them reach their own machines', { src: who, dst: ['autogroup:self'], ip: ['*'] })
    return [{
      span: key ?? { offset: 0, length: 0 },
      message: `${namesOf(who)} can reach nothing: no grant with "ip" is for ${who.length === 1 ? 'this person’s' : 'these people’s'} machines.`,
      ...(fix === undefined ? { advice: 'Name them, their group or autogroup:member as a source.' } : { fix }),
    }]
  },
}
