import { type CompiledPolicy, type Subject, subjectOf } from '../compile.ts'
import type { PlacedSelector, Policy, PolicyNode } from '../model.ts'
import { selectedBy } from '../selected.ts'
import { type Selector, selectorKey } from '../selector.ts'
import type { PolicyPerson } from './model.ts'
import { literalParty, machineParty, type Party } from './party.ts'

/** Who plays in the tests of one policy: today's machines, and an imaginary one for whom no machine stands today (spec/policy.md §12). */
export type Cast = {
  readonly policy: Policy
  readonly compiled: CompiledPolicy
  readonly nodes: readonly PolicyNode[]
  readonly people: readonly PolicyPerson[]
  /** A machine through the policy's rules; each is looked up once. */
  readonly subject: (node: PolicyNode) => Subject
  /** Of each selector once, as tests name the same ones; of `autogroup:self` by person. Bounded by the selectors of tests and the people. */
  readonly parties: Map<string, readonly Party[]>
  /** Machines that a selector of a test stands for. */
  readonly machinesOf: (selector: Selector) => readonly PolicyNode[]
}

export function castOf(policy: Policy, compiled: CompiledPolicy, nodes: readonly PolicyNode[], people: readonly PolicyPerson[]): Cast {
  /** Bounded by the machines, and by the imaginary ones: one a selector of a test. */
  const subjects = new Map<PolicyNode, Subject>()
  const subject = (node: PolicyNode): Subject => {
    const known = subjects.get(node) ?? subjectOf(compiled, node)
    subjects.set(node, known)
    return known
  }
  // Selectors of tests need not be in any rule.
  const selected = selectedBy(policy, selectorsIn(policy), nodes)
  return { policy, compiled, nodes, people, subject, parties: new Map(), machinesOf: (selector) => selected(selector).own }
}

function selectorsIn({ tests }: Policy): Selector[] {
  return tests.flatMap(({ src, accept, deny, relay }) => [
    ...(src === undefined ? [] : [src.selector]),
    ...[...accept, ...deny].map(({ selector }) => selector),
    ...relay.flatMap((test) => [test.src.selector, test.via.selector]),
  ])
}

/** Machines and addresses that a selector stands for; where it is an identity that no machine has, an imaginary one. */
export function partiesOf(cast: Cast, named: Pick<PlacedSelector, 'selector' | 'text'>): readonly Party[] {
  // An address keeps the name that the test calls it by.
  const key = named.selector.kind === 'range' || named.selector.kind === 'ipset' ? named.text : selectorKey(named.selector)
  const known = cast.parties.get(key) ?? makeParties(cast, named)
  cast.parties.set(key, known)
  return known
}

function makeParties(cast: Cast, { selector, text }: Pick<PlacedSelector, 'selector' | 'text'>): Party[] {
  const found = cast.machinesOf(selector).map(cast.subject)
  if (selector.kind === 'range') return [literalParty(text, [selector.range], found)]
  if (selector.kind === 'ipset') return [literalParty(text, selector.ranges, found)]
  return (found.length > 0 ? found : [imaginary(cast, selector, text)]).map(machineParty)
}

/** A machine that nobody has. What it is by its selector it is in every rule, also where nobody can be that today: in an empty group. */
function imaginary(cast: Cast, selector: Selector, text: string): Subject {
  const subject = subjectOf(cast.compiled, {
    id: -1, name: `an imaginary machine of ${text}`, addresses: ['100.127.255.254', 'fd7a:115c:a1e0:ffff:ffff:ffff:ffff:fffe'], tags: [], ...identityFor(cast, selector),
  })
  const key = selectorKey(selector)
  const hits = subject.hits.map((bits, at) => (selectorKey(cast.compiled.selectors[at] ?? selector) === key ? (1 << subject.addresses.length) - 1 : bits))
  return { ...subject, hits }
}

function identityFor(who: Pick<Cast, 'policy' | 'people'>, selector: Selector): Partial<Pick<PolicyNode, 'tags' | 'owner' | 'ownerRole'>> {
  const { policy, people } = who
  const of = (owner: string): Partial<PolicyNode> => {
    const ownerRole = people.find(({ email }) => email.toLowerCase() === owner.toLowerCase())?.role
    return { owner, ...(ownerRole === undefined ? {} : { ownerRole }) }
  }
  switch (selector.kind) {
    case 'tag': return { tags: [selector.name] }
    case 'person': return of(selector.email)
    case 'domain': return of(`somebody@${selector.domain}`)
    case 'group': {
      const member = policy.groups.get(selector.name)?.[0]?.selector
      return member === undefined ? {} : identityFor(who, member)
    }
    case 'autogroup': {
      // A tag of no rule: another one would bring its rules along.
      if (selector.name === 'tagged') return { tags: ['tag:'] }
      const somebody = people.find(({ role }) => role === selector.name)
      return somebody === undefined ? {} : of(somebody.email)
    }
    default: return {}
  }
}

/** Unlike in a rule, a person must exist here: a test of a mistyped one would say nothing. */
export function unknownPerson({ people }: Cast, { selector }: Pick<PlacedSelector, 'selector'>): string | undefined {
  if (selector.kind !== 'person' || people.some(({ email }) => email.toLowerCase() === selector.email)) return undefined
  return `Nobody here has the e-mail ${selector.email}: a test needs a person who exists.`
}

/** The machines of the person whose machine a party is; undefined: it is nobody's. */
export function selfOf(cast: Cast, from: Party): readonly Party[] | undefined {
  const own = from.machines.find(({ subject: { node } }) => node.tags.length === 0 && node.owner !== undefined)?.subject
  const person = own?.node.owner?.toLowerCase()
  if (own === undefined || person === undefined) return undefined
  const key = `self ${person}`
  const known = cast.parties.get(key)
  if (known !== undefined) return known
  const machines = cast.nodes.filter((node) => node.tags.length === 0 && node.owner?.toLowerCase() === person).map(cast.subject)
  const parties = (machines.length > 0 ? machines : [own]).map(machineParty)
  cast.parties.set(key, parties)
  return parties
}
