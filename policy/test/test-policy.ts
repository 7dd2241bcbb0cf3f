import type { CompiledGrant, CompiledPolicy } from '../compile.ts'
import type { Policy, PolicyNode, PolicyTest, TestTarget } from '../model.ts'
import { type Cast, castOf, partiesOf, selfOf, unknownPerson } from './cast.ts'
import type { PolicyPerson, TestOutcome } from './model.ts'
import { isDestination, type Party } from './party.ts'
import { comesFrom, isAmongSelf, leadsByWay, opens, ownersOf, type Reach } from './reach.ts'
import { testRelay } from './relay.ts'
import { reachWords, type Found } from './words.ts'

/** The grants that lead from a source to a destination. */
type Joins = (from: Party) => readonly CompiledGrant[]

/** TCP and UDP, either is enough where a test names none. */
const bothProtocols = [6, 17]

/**
 * What the entries of `tests` claim and what is so, with today's machines and people, in the order of the document (spec/policy.md §12).
 * Pure; `compiled` is of the same policy.
 */
export function testPolicy(policy: Policy, compiled: CompiledPolicy, nodes: readonly PolicyNode[], people: readonly PolicyPerson[]): readonly TestOutcome[] {
  if (policy.tests.length === 0) return []
  const cast = castOf(policy, compiled, nodes, people)
  const behind = nodes.filter(({ routes }) => routes !== undefined && routes.length > 0).map(cast.subject)
  /** Of each destination once, whatever its port. Bounded by the destinations of tests. */
  const joins = new Map<readonly Party[], Joins>()
  const reach: Reach = { compiled, routes: behind.flatMap(({ routes }) => routes), routers: behind }
  const joinsTo = (to: readonly Party[]): Joins => {
    const known = joins.get(to) ?? makeJoins(reach, to)
    joins.set(to, known)
    return known
  }
  return policy.tests.flatMap((test) => [
    ...test.accept.map((target) => testTarget(cast, joinsTo, test, target, 'accept')),
    ...test.deny.map((target) => testTarget(cast, joinsTo, test, target, 'deny')),
    ...test.relay.map((relay) => testRelay(cast, test.index, relay)),
  ].toSorted((a, b) => a.place.offset - b.place.offset))
}

function testTarget(cast: Cast, joinsTo: (to: readonly Party[]) => Joins, test: PolicyTest, target: TestTarget, expected: 'accept' | 'deny'): TestOutcome {
  const outcome = { entry: test.index, place: target.place, kind: 'reach', src: test.src?.text ?? '', target: target.text, expected } as const
  const unknown = [...(test.src === undefined ? [] : [test.src]), target].map((side) => unknownPerson(cast, side)).find((reason) => reason !== undefined)
  if (test.src === undefined || unknown !== undefined) return { ...outcome, passed: false, reason: unknown ?? 'The entry has no "src".', lines: [] }
  const found: Found[] = []
  const way = { port: target.port, protocols: test.protocol === undefined ? bothProtocols : [test.protocol] }
  const toAll = target.selector.kind === 'self' ? undefined : joinsTo(partiesOf(cast, target))
  for (const from of partiesOf(cast, test.src)) {
    const self = toAll === undefined ? selfOf(cast, from) : undefined
    const joins = toAll ?? (self && joinsTo(self))
    if (joins === undefined) {
      return { ...outcome, passed: false, reason: `${from.name} is nobody’s machine: "autogroup:self" needs a source that is a person’s, without tags.`, lines: [] }
    }
    const grants = joins(from)
    found.push({ from, by: grants.filter((grant) => opens(grant, way)), otherPorts: grants[0] })
  }
  return { ...outcome, ...reachWords(found, target.text, expected) }
}

/** The rules that lead from a source to some of these, whatever the port. What does not depend on the source is looked up once. */
function makeJoins(reach: Reach, to: readonly Party[]): Joins {
  const owners = ownersOf(to)
  const isHit = someDestination(reach, to)
  const candidates = reach.compiled.grants.flatMap((grant) => {
    if (grant.ip.length === 0) return []
    const leads = grant.via.length > 0 ? to.some((one) => leadsByWay(reach, grant, one)) : grant.dst.some(({ selector }) => isHit(selector))
    return leads || grant.self !== undefined ? [{ grant, leads }] : []
  })
  return (from) => candidates.filter(({ grant, leads }) => (leads && comesFrom(reach, grant, from)) || isAmongSelf(grant, from, owners)).map(({ grant }) => grant)
}

/** Many grants share a selector, and a destination may be thousands of machines: each selector is looked at once. */
function someDestination({ compiled }: Reach, to: readonly Party[]): (selector: number) => boolean {
  /** Bounded by the selectors of the policy. */
  const known = new Map<number, boolean>()
  return (selector) => {
    const hit = known.get(selector) ?? to.some((one) => isDestination(compiled, selector, one))
    known.set(selector, hit)
    return hit
  }
}
