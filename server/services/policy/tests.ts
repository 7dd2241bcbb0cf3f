import { type CompiledPolicy, type Policy } from '../../../policy/index.ts'
import { type TestOutcome } from '../../../policy/test/model.ts'
import { testPolicy } from '../../../policy/test/test-policy.ts'
import type { ServiceContext } from '../context.ts'
import { storedRole } from '../person/row.ts'
import type { PolicyProblem } from './shape.ts'

/** More failing tests are of one cause. */
export const maxFailed = 50

export type PolicyPerson = { readonly email: string; readonly role: 'owner' | 'admin' | 'viewer' }

/** Everybody with an account. */
export async function policyPeople(db: Pick<ServiceContext['db'], 'user'>): Promise<PolicyPerson[]> {
  const people = await db.user.findMany({ select: { email: true, role: true } })
  return people.map(({ email, role }) => ({ email, role: storedRole(role) }))
}

/** What a policy's tests say with the machines and people of now. */
export function runTests({ network }: Pick<ServiceContext, 'network'>, policy: Policy, compiled: CompiledPolicy, people: readonly PolicyPerson[]): readonly TestOutcome[] {
  return testPolicy(policy, compiled, network.network().nodes, people)
}

/** Tests that fail, as problems that refuse the policy. */
export function failingTests(ctx: Pick<ServiceContext, 'network'>, policy: Policy, compiled: CompiledPolicy, people: readonly PolicyPerson[]): PolicyProblem[] {
  return runTests(ctx, policy, compiled, people).filter(({ passed }) => !passed).slice(0, maxFailed).map((test): PolicyProblem => ({
    severity: 'error', line: test.place.line, column: test.place.column, from: test.place.offset, to: test.place.offset + test.place.length,
    message: failureText(test), fix: 'Change the rule or the test; the policy in force is unchanged', code: 'test',
  }))
}

/** Why saving is refused, as a sentence. */
export function failureText({ kind, src, target, expected, reason }: TestOutcome): string {
  return `Test fails: "${src}" ${expected === 'accept' ? 'should' : 'should not'} ${kind === 'relay' ? 'use' : 'reach'} "${target}". ${reason}`
}
