import { formatRange } from '../address.ts'
import type { PolicyNode } from '../model.ts'
import { selectedBy, selectorNamed } from '../selected.ts'
import { type Known, plural } from './known.ts'
import { autogroupWords } from './words.ts'

/** More names than these make no sentence. */
const maxNamed = 6

/** Whom a selector selects as things are, in a sentence or two; undefined: it cannot be read or is not defined. */
export function describeSelector(text: string, known: Known): string | undefined {
  const { policy } = known
  const selector = policy && selectorNamed(text.trim(), policy)
  if (policy === undefined || selector === undefined) return undefined
  const { own: machines, behind: routers } = selectedBy(policy, [selector], known.nodes)(selector)
  const found = `${plural(machines.length, 'machine')}${names(machines)}`
  const behind = routers.length === 0 ? '' : ` Behind ${routers.length === 1 ? 'a router' : 'routers'}${names(routers)}.`
  switch (selector.kind) {
    case 'any': return `*: every machine here, ${known.nodes.length} now. As a source also what is behind approved routes, as a destination any address.`
    case 'person': {
      const person = known.people.find(({ email }) => email.toLowerCase() === selector.email)
      return person === undefined ? `${text}: nobody here has this e-mail.` : `${text} (${person.name}): ${found}.`
    }
    case 'domain': {
      const people = known.people.filter(({ email }) => email.toLowerCase().endsWith(`@${selector.domain}`))
      return `${text}: ${plural(people.length, 'person', 'people')}, ${found}.`
    }
    case 'group': return `${text}: ${plural(policy.groups.get(selector.name)?.length ?? 0, 'person', 'people')}, ${found}.`
    case 'tag': {
      const owners = policy.tagOwners.get(selector.name)?.map((owner) => owner.text) ?? []
      return `${text}: ${found}. ${owners.length === 0 ? 'Only the owner and admins may give it.' : `Owned by ${owners.join(', ')}.`}`
    }
    case 'autogroup': return `${autogroupWords[selector.name] ?? ''} Now ${found}.`
    case 'self':
    case 'danger-all': return autogroupWords[selector.kind]
    case 'internet': return `${autogroupWords.internet} ${routers.length === 0 ? 'No machine is one now.' : `Exit nodes${names(routers)}.`}`
    case 'range': return `${text}${formatRange(selector.range) === text ? '' : ` is ${formatRange(selector.range)}`}: ${found}.${behind}`
    case 'ipset': return `${text} is ${shortList(selector.ranges.map(formatRange)) || 'empty'}: ${found}.${behind}`
  }
}

function names(machines: readonly PolicyNode[]): string {
  return machines.length === 0 ? '' : `: ${shortList(machines.map(({ name }) => name))}`
}

function shortList(all: readonly string[]): string {
  return all.length <= maxNamed ? all.join(', ') : `${all.slice(0, maxNamed - 1).join(', ')} and ${all.length - maxNamed + 1} more`
}
