import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise } from '../../services/actor.ts'
import { checkPolicy } from '../../services/policy/check.ts'
import { getPolicy } from '../../services/policy/get.ts'
import { getNetworkFile, networkFileSchema } from '../../services/policy/network-file.ts'
import { savePolicy } from '../../services/policy/save.ts'
import {
  listPolicyVersionsSchema, policyCheckSchema, policyDocumentSchema, policyTextSchema, policyVersionPageSchema, policyVersionSchema, putPolicySchema,
  savedPolicySchema, savePolicySchema, type PolicyDocument,
} from '../../services/policy/shape.ts'
import { simulatePolicy } from '../../services/policy/simulate.ts'
import { simulateSchema, simulationSchema } from '../../services/policy/simulation-shape.ts'
import { getPolicyVersion, listPolicyVersions } from '../../services/policy/versions.ts'
import { listQuotas } from '../../services/quota/list.ts'
import { quotaRowSchema } from '../../services/quota/shape.ts'
import type { TrpcContext } from '../context.ts'
import { procedure, router } from '../trpc.ts'

const tags = ['Policy']

function tagged(ctx: TrpcContext, document: PolicyDocument): PolicyDocument {
  ctx.setHeader('etag', document.etag)
  return document
}

/** The version that `If-Match` names. */
function expectedVersion(ctx: TrpcContext): number {
  const header = ctx.headers.get('if-match')
  if (header === null) {
    const cause = new TowpathError({
      code: 'invalid', text: 'The header If-Match is missing', fix: 'Read the policy first and send its ETag, so that nobody’s change is lost', path: 'If-Match',
    })
    throw new TRPCError({ code: 'PRECONDITION_REQUIRED', message: cause.message, cause })
  }
  const version = /^(?:W\/)?"policy-(\d{1,9})"$/.exec(header.trim())?.[1]
  if (version === undefined) {
    throw new TowpathError({ code: 'invalid', text: `If-Match is ${header.slice(0, 60)}, which is no policy’s ETag`, fix: 'Send the ETag as it was read, such as "policy-3"', path: 'If-Match' })
  }
  return Number(version)
}

/** In HTTP's own words: the version that the change began with is not in force any more. */
function asPrecondition(error: unknown): unknown {
  return error instanceof TowpathError && error.code === 'conflict' ? new TRPCError({ code: 'PRECONDITION_FAILED', message: error.message, cause: error }) : error
}

export const policyRouter = router({
  get: procedure
    .meta({ openapi: { method: 'GET', path: '/policy', tags, summary: 'The policy in force; its version is also the ETag' } })
    .output(policyDocumentSchema).query(async ({ ctx }) => tagged(ctx, await getPolicy(ctx.services, ctx.actor))),
  /** A mutation in form only: a policy may be longer than an address can be. */
  check: procedure
    .meta({ openapi: { method: 'POST', path: '/policy/check', tags, summary: 'What is wrong with a text, who gains and who loses what by it, and which running sessions it would end' } })
    .input(policyTextSchema).output(policyCheckSchema).mutation(({ ctx, input, signal }) => checkPolicy(ctx.services, ctx.actor, input, signal)),
  /** Like `check`. */
  simulate: procedure
    .meta({ openapi: { method: 'POST', path: '/policy/simulate', tags, summary: 'What two machines may do by a policy, and which relay is expected to carry them' } })
    .input(simulateSchema).output(simulationSchema).mutation(({ ctx, input, signal }) => simulatePolicy(ctx.services, ctx.actor, input, signal)),
  save: procedure.input(savePolicySchema).output(policyDocumentSchema).mutation(({ ctx, input }) => savePolicy(ctx.services, ctx.actor, input)),
  /** For tools: the same with `If-Match`. */
  put: procedure
    .meta({
      openapi: {
        method: 'PUT', path: '/policy', tags, summary: 'Save a policy over the version that If-Match names',
        requestHeaders: z.object({ 'if-match': z.string() }), errorResponses: [400, 401, 403, 412, 428],
      },
    })
    .input(putPolicySchema).output(policyDocumentSchema)
    .mutation(async ({ ctx, input }) => {
      // Before the header: what is wrong with it is no matter of who may not save.
      authorise(ctx.actor, 'policy:write')
      try {
        return tagged(ctx, await savePolicy(ctx.services, ctx.actor, { ...input, expectedVersion: expectedVersion(ctx) }))
      } catch (error) {
        throw asPrecondition(error)
      }
    }),
  network: procedure
    .meta({ openapi: { method: 'GET', path: '/policy/network', tags, summary: 'People and machines as a file, to compile and test a policy for elsewhere' } })
    .output(networkFileSchema).query(({ ctx }) => getNetworkFile(ctx.services, ctx.actor)),
  quotas: procedure
    .meta({ openapi: { method: 'GET', path: '/policy/quotas', tags, summary: 'What was used this month of each grant’s quota' } })
    .output(z.array(quotaRowSchema)).query(({ ctx }) => listQuotas(ctx.services, ctx.actor)),
  versions: procedure
    .meta({ openapi: { method: 'GET', path: '/policy/versions', tags, summary: 'Saved policies, newest first, without their texts' } })
    .input(listPolicyVersionsSchema).output(policyVersionPageSchema).query(({ ctx, input }) => listPolicyVersions(ctx.services, ctx.actor, input)),
  version: procedure
    .meta({ openapi: { method: 'GET', path: '/policy/versions/{version}', tags, summary: 'One saved policy, with its text', errorResponses: [400, 401, 403, 404] } })
    .input(policyVersionSchema).output(savedPolicySchema).query(({ ctx, input }) => getPolicyVersion(ctx.services, ctx.actor, input)),
})
