import type { z } from 'zod'
import { compilePolicy, formatIpEntry, parsePolicy, relayCapability, type CompiledPolicy, type LimitedPolicy, type Policy } from '../../../policy/index.ts'
import { previewPolicy } from '../../../policy/preview/index.ts'
import type { TestOutcome } from '../../../policy/test/model.ts'
import type { Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { asOfNow } from './as-of-now.ts'
import { authoriseDraft } from './authorise-draft.ts'
import { breathe } from './breathe.ts'
import { endingSessions } from './ends.ts'
import { previewNotes } from './notes.ts'
import { isRelay, lintProblems, policyProblems, weightProblems } from './problems.ts'
import { policyTextSchema, type PolicyCheck as Check, type PolicyPreview, type PolicyProblem } from './shape.ts'
import { failureText, maxFailed, policyPeople, runTests } from './tests.ts'

function grantRows(policy: Policy): Check['grants'] {
  return (policy.grants ?? []).map((grant) => ({
    line: grant.place.line,
    src: grant.src.map(({ text }) => text),
    dst: grant.dst.map(({ text }) => text),
    ip: grant.ip.map(formatIpEntry),
    relay: grant.app.has(relayCapability),
  }))
}

function preview({ network }: Pick<ServiceContext, 'network'>, actor: Actor, policy: Policy, compiled: CompiledPolicy): PolicyPreview {
  const { nodes, policy: inForce, primaries } = network.network()
  // What the texts say: a quota that is used up today is no difference between them.
  const { written: before = inForce }: LimitedPolicy = inForce
  /** Bounded by the nodes. */
  const relays = new Set(nodes.filter((node) => isRelay(network, node)).map(({ id }) => id))
  const found = previewPolicy(before, compiled, nodes, { isRelay: ({ id }) => relays.has(id), primary: (route) => primaries?.get(route) })
  const side = ({ machines, rows, total }: typeof found.gains): PolicyPreview['gains'] =>
    ({ machines, total, rows: rows.map((row) => ({ ...row, who: named(row.who), what: named(row.what) })) })
  return {
    gains: side(found.gains), loses: side(found.loses), totalPaths: found.totalPaths,
    paths: found.paths.map(({ who, route, from, to }) => ({ who: named(who), route, from: [...from], to: [...to] })),
    notes: previewNotes({ before: network.policy(), after: policy, preview: found, nodes, actor }),
  }
}

function named<T extends { readonly names: readonly string[] }>(what: T): T & { names: string[] } {
  return { ...what, names: [...what.names] }
}

function refused(problems: PolicyProblem[]): Check {
  return { problems, grants: [], tests: { total: 0, passed: 0, failed: [] }, ends: [], totalEnds: 0 }
}

/** What is wrong with a text, what it grants and to whom, and which running sessions saving it would end. Writes nothing. */
export async function checkPolicy(ctx: Pick<ServiceContext, 'db' | 'network' | 'live'>, actor: Actor, input: z.input<typeof policyTextSchema>, signal?: AbortSignal): Promise<Check> {
  authoriseDraft(actor)
  const { text } = policyTextSchema.parse(input)
  await breathe(signal)
  const parsed = parsePolicy(text)
  const problems = policyProblems(ctx, parsed.problems)
  if (!parsed.ok) return refused(problems)
  const { policy } = parsed
  const compiled = compilePolicy(policy)
  const heavy = weightProblems(ctx, policy, compiled)
  if (heavy.length > 0) return refused([...problems, ...heavy])
  const people = await policyPeople(ctx.db)
  await breathe(signal)
  const tests = testCounts(runTests(ctx, policy, compiled, people))
  await breathe(signal)
  const { ends, total } = endingSessions(ctx, asOfNow(ctx.network, compiled))
  const changes = preview(ctx, actor, policy, compiled)
  await breathe(signal)
  return {
    problems: [...problems, ...lintProblems(ctx, text, policy, compiled, people.map(({ email }) => email))],
    grants: grantRows(policy), tests, preview: changes, ends, totalEnds: total,
  }
}

function testCounts(outcomes: readonly TestOutcome[]): Check['tests'] {
  const failed = outcomes.filter(({ passed }) => !passed)
  return {
    total: outcomes.length, passed: outcomes.length - failed.length,
    failed: failed.slice(0, maxFailed).map((test) => {
      const { place: { line, column, offset, length }, src, target, expected, reason } = test
      return { line, column, from: offset, to: offset + length, message: failureText(test), src, target, expected, reason }
    }),
  }
}
