import type { CompiledGrant, CompiledPolicy } from '../compile.ts'
import type { Policy, PolicyNode, PolicyTest, TestTarget } from '../model.ts'
import { type Cast, castOf, partiesOf, unknownPerson } from './cast.ts'
import type { PolicyPerson, TestOutcome } from './model.ts'
import { machineParty, type Party } from './party.ts'
import { comesFrom, isAmongSelf, leadsTo, opens, ownersOf, type Reach } from './reach.ts'
import { testRelay } from './relay.ts'
import { reachWords, type Found } from './words.ts'

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
  const reach: Reach = { compiled, routes: behind.flatMap(({ routes }) => routes), routers: behind }
  return policy.tests.flatMap((test) => [
    ...test.accept.map((target) => testTarget(cast, reach, test, target, 'accept')),
    ...test.deny.map((target) => testTarget(cast, reach, test, target, 'deny')),
    ...test.relay.map((relay) => testRelay(cast, test.index, relay)),
  ].toSorted((a, b) => a.place.offset - b.place.offset))
}

function testTarget(cast: Cast, reach: Reach, test: PolicyTest, target: TestTarget, expected: 'accept' | 'deny'): TestOutcome {
  const outcome = { entry: test.index, place: target.place, kind: 'reach', src: test.src?.text ?? '', target: target.text, expected } as const
  const unknown = [...(test.src === undefined ? [] : [test.src]), target].map((side) => unknownPerson(cast, side)).find((reason) => reason !== undefined)
  if (test.src === undefined || unknown !== undefined) return { ...outcome, passed: false, reason: unknown ?? 'The entry has no "src".', lines: [] }
  const found: Found[] = []
  const way = { port: target.port, protocols: test.protocol === undefined ? bothProtocols : [test.protocol] }
  const toAll = target.selector.kind === 'self' ? undefined : joinsTo(reach, partiesOf(cast, target))
  for (const from of partiesOf(cast, test.src)) {
    const self = toAll === undefined ? selfOf(cast, from) : undefined
    const joins = toAll ?? (self && joinsTo(reach, self))
    if (joins === undefined) {
      return { ...outcome, passed: false, reason: `${from.name} is nobody’s machine: "autogroup:self" needs a source that is a person’s, without tags.`, lines: [] }
    }
    const grants = joins(from)
    found.push({ from, by: grants.filter((grant) => opens(grant, way)), otherPorts: grants[0] })
  }
  return { ...outcome, ...reachWords(found, target.text, expected) }
}

/** The machines of the same person; undefined: it is nobody's. */
function selfOf(cast: Cast, from: Party): Party[] | undefined {
  const own = from.machines.find(({ subject: { node } }) => node.tags.length === 0 && node.owner !== undefined)?.subject
  if (own === undefined) return undefined
  const others = cast.nodes.filter((node) => node.tags.length === 0 && node.owner?.toLowerCase() === own.node.owner?.toLowerCase()).map(cast.subject)
  return (others.length > 0 ? others : [own]).map(machineParty)
}

/** The rules that lead from a source to some of these, whatever the port. What does not depend on the source is looked up once. */
function joinsTo(reach: Reach, to: readonly Party[]): (from: Party) => CompiledGrant[] {
  const owners = ownersOf(to)
  const candidates = reach.compiled.grants.flatMap((grant) => {
    const leads = grant.ip.length > 0 && to.some((one) => leadsTo(reach, grant, one))
    return leads || (grant.ip.length > 0 && grant.self !== undefined) ? [{ grant, leads }] : []
  })
  return (from) => candidates.filter(({ grant, leads }) => (leads && comesFrom(reach, grant, from)) || isAmongSelf(grant, from, owners)).map(({ grant }) => grant)
}
