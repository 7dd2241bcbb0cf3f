import { z } from 'zod'

export const policyProblemSchema = z.object({
  severity: z.enum(['error', 'warning']),
  line: z.number().int(),
  column: z.number().int(),
  /** Offsets in the text, for the editor. */
  from: z.number().int(),
  to: z.number().int(),
  message: z.string(),
  fix: z.string(),
})
export type PolicyProblem = z.infer<typeof policyProblemSchema>

export const policyDocumentSchema = z.object({
  version: z.number().int(),
  etag: z.string(),
  text: z.string(),
  author: z.string(),
  message: z.string(),
  createdAt: z.date(),
})
export type PolicyDocument = z.infer<typeof policyDocumentSchema>

export const policyGrantRowSchema = z.object({
  line: z.number().int(),
  src: z.array(z.string()),
  dst: z.array(z.string()),
  /** Ports, as written; empty: none. */
  ip: z.array(z.string()),
  relay: z.boolean(),
})

/** What checking a text gives: its problems, its grants (empty while it has errors), and the running sessions that saving it would end. */
export const policyCheckSchema = z.object({
  problems: z.array(policyProblemSchema),
  grants: z.array(policyGrantRowSchema),
  ends: z.array(z.object({ id: z.string(), a: z.string(), b: z.string(), relay: z.string(), reason: z.string() })),
})
const maxPolicyChars = 1 << 20
/** Of a request that carries a policy: each of its characters may need six in JSON, though hardly all do. */
export const maxPolicyBodyBytes = 3 * maxPolicyChars
export const policyTextSchema = z.object({ text: z.string().max(maxPolicyChars, 'a policy is at most 1 MiB') })
export const savePolicySchema = policyTextSchema.extend({
  /** The version that the editor began with; another one in force: `conflict`, and nothing is written. */
  expectedVersion: z.number().int(),
  message: z.string().trim().max(200).default(''),
})
/** The same over the API: the version that it began with comes in the header `If-Match`. */
export const putPolicySchema = policyTextSchema.extend({ message: z.string().trim().max(200).default('') })
export const policyVersionRowSchema = z.object({ version: z.number().int(), author: z.string(), message: z.string(), createdAt: z.date() })
