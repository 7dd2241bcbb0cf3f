import type { z } from 'zod'
import { compilePolicy, parsePolicy } from '../../../policy/index.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { newestPolicy, policyDocument } from './document.ts'
import { policyProblems, weightProblems } from './problems.ts'
import { savePolicySchema, type PolicyDocument, type PolicyProblem } from './shape.ts'
import { failingTests, policyPeople } from './tests.ts'

/** Throws `invalid` with the problems as details; the first is the message. */
function refuse(problems: readonly PolicyProblem[]): never {
  const [first, ...rest] = problems.filter(({ severity }) => severity === 'error')
  throw new TowpathError({
    code: 'invalid',
    text: first ? `Line ${first.line}, column ${first.column}: ${first.message}${rest.length > 0 ? ` (and ${rest.length} more)` : ''}` : 'The policy is not valid',
    fix: first?.fix || 'Correct the marked places; the policy in force is unchanged',
    path: 'text',
    details: { problems },
  })
}

/**
 * Puts a policy in force. Throws `invalid` with the problems or the failing tests as details, or `conflict` when another version
 * than the expected one is in force; then nothing is written. A text that is the one in force is not saved again.
 */
export async function savePolicy(
  ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, actor: Actor, input: z.input<typeof savePolicySchema>,
): Promise<PolicyDocument> {
  authorise(actor, 'policy:write')
  const { text, expectedVersion, message } = savePolicySchema.parse(input)
  const parsed = parsePolicy(text)
  if (!parsed.ok) refuse(policyProblems(ctx, parsed.problems))
  const compiled = compilePolicy(parsed.policy)
  const heavy = weightProblems(ctx, parsed.policy, compiled)
  if (heavy.length > 0) refuse(heavy)
  const failing = failingTests(ctx, parsed.policy, compiled, await policyPeople(ctx.db))
  if (failing.length > 0) refuse(failing)
  const { saved, isNew } = await withAudit(ctx, actor, async (tx, audit) => {
    // One at a time: of two that began with the same version, the second finds the first's.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 3)`
    const known = await newestPolicy(tx)
    if (known.id !== expectedVersion) {
      throw new TowpathError({
        code: 'conflict',
        text: `${known.author} saved version ${known.id} meanwhile; yours began with version ${expectedVersion}`,
        fix: 'Look at that version, put your change into it and save again',
        details: { version: known.id, author: known.author, createdAt: known.createdAt.toISOString() },
      })
    }
    if (known.text === text) return { saved: known, isNew: false }
    const row = await tx.policyVersion.create({ data: { text, author: actor.name, message, createdAt: new Date(ctx.clock.now()) } })
    audit({ action: 'policy.save', target: { kind: 'policy', id: String(row.id), name: 'policy' }, before: { version: known.id }, after: { version: row.id, message } })
    return { saved: row, isNew: true }
  })
  if (isNew) {
    ctx.bus.publish('policy.changed', { version: saved.id, cause: `policy version ${saved.id} by ${actor.name}` })
    await ctx.network.settled()
  }
  return policyDocument(saved)
}
