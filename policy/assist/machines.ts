import { formatRange } from '../address.ts'
import { compilePolicy } from '../compile.ts'
import type { Grant, Policy, PolicyNode } from '../model.ts'
import { parseSelector, type Selector } from '../selector.ts'
import { subjectOf } from '../subject.ts'
import { type Known, plural } from './known.ts'
import { autogroupWords } from './words.ts'

/** More names than these make no sentence. */
const maxNamed = 6

/** Whom a selector selects as things are, in a sentence or two; undefined: it cannot be read or is not defined. */
export function describeSelector(text: string, known: Known): string | undefined {
  const selector = selectorOf(text.trim(), known.policy)
  if (selector === undefined || known.policy === undefined) return undefined
  const { policy } = known
  const { machines, routers } = selected(selector, policy, known.nodes)
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

function selectorOf(text: string, policy: Policy | undefined): Selector | undefined {
  const parsed = parseSelector(text)
  if (!parsed.ok) return undefined
  const written = parsed.value
  switch (written.kind) {
    case 'host': {
      const range = policy?.hosts.get(written.name)
      return range === undefined ? undefined : { kind: 'range', range }
    }
    case 'ipset-name': {
      const ranges = policy?.ipsets.get(written.name)
      return ranges === undefined ? undefined : { kind: 'ipset', name: written.name, ranges }
    }
    case 'unknown-autogroup': return undefined
    case 'group': return policy?.groups.has(written.name) === true ? written : undefined
    case 'tag': return policy?.tagOwners.has(written.name) === true ? written : undefined
    default: return written
  }
}

/** The machines of which it selects an address, and those behind which something of it lies. */
function selected(selector: Selector, policy: Policy, nodes: readonly PolicyNode[]): { readonly machines: PolicyNode[]; readonly routers: PolicyNode[] } {
  const place = { line: 1, column: 1, offset: 0, length: 0 }
  const alone: Grant = { index: 0, origin: { list: 'grants', index: 0 }, place, src: [{ text: '', selector, place }], dst: [], ip: [], app: new Map(), via: [] }
  const compiled = compilePolicy({ ...policy, grants: [alone], nodeAttrs: [] })
  const subjects = nodes.map((node) => subjectOf(compiled, node))
  const at = compiled.grants[0]?.src[0]?.selector ?? 0
  return {
    machines: subjects.filter(({ hits }) => (hits[at] ?? 0) !== 0).map(({ node }) => node),
    routers: subjects.filter(({ behind }) => (behind[at] ?? 0) !== 0).map(({ node }) => node),
  }
}

function names(machines: readonly PolicyNode[]): string {
  return machines.length === 0 ? '' : `: ${shortList(machines.map(({ name }) => name))}`
}

function shortList(all: readonly string[]): string {
  return all.length <= maxNamed ? all.join(', ') : `${all.slice(0, maxNamed - 1).join(', ')} and ${all.length - maxNamed + 1} more`
}
