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
  /** A replacement in the text that makes it good. */
  change: z.object({ label: z.string(), offset: z.number().int(), length: z.number().int(), replacement: z.string() }).exactOptional(),
  /** Of warnings: which check found it. */
  code: z.string().exactOptional(),
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

/** One of all that were saved. */
export const savedPolicySchema = policyDocumentSchema.extend({
  /** The version before it; null: it is the first. */
  previous: z.number().int().nullable(),
})
export type SavedPolicy = z.infer<typeof savedPolicySchema>

export const policyGrantRowSchema = z.object({
  line: z.number().int(),
  src: z.array(z.string()),
  dst: z.array(z.string()),
  /** Ports, as written; empty: none. */
  ip: z.array(z.string()),
  relay: z.boolean(),
})

const namedSchema = z.object({
  count: z.number().int(),
  /** The first hundred. */
  names: z.array(z.string()),
  /** The selector that selects exactly these; `*`: all machines. */
  group: z.string().exactOptional(),
})
const previewSideSchema = z.object({
  /** Each once. */
  machines: z.number().int(),
  rows: z.array(z.object({
    kind: z.enum(['relay', 'terms', 'reach', 'capability', 'attribute']),
    /** A limit on relays in words, ports as grants write them, the capability or the attribute; empty for relays. */
    detail: z.string(),
    who: namedSchema,
    what: namedSchema,
    /** Of relays: these are all that there are. */
    isAll: z.boolean(),
  })),
  /** Of rows, those counted that are not here. */
  total: z.number().int(),
})
/** Who gains and who loses what, against the policy in force. */
export const policyPreviewSchema = z.object({
  gains: previewSideSchema,
  loses: previewSideSchema,
  /** Machines that reach the same subnet through other routers. */
  paths: z.array(z.object({ who: namedSchema, route: z.string(), from: z.array(z.string()), to: z.array(z.string()) })),
  totalPaths: z.number().int(),
  /** What is easily overlooked, as sentences. */
  notes: z.array(z.string()),
})

export type PolicyPreview = z.infer<typeof policyPreviewSchema>

/** A session that runs and that saving takes from its relay. */
export const endingSessionSchema = z.object({
  id: z.string(), a: z.string(), b: z.string(), relay: z.string(), reason: z.string(),
  /** Bits a second, both ways together. */
  bits: z.number(),
  /** Other relays that its ends may use and that are up, the first few; empty: it goes on over DERP. */
  next: z.array(z.string()),
})

export const policyTestSchema = z.object({
  line: z.number().int(), column: z.number().int(),
  /** Offsets in the text, for the editor. */
  from: z.number().int(), to: z.number().int(),
  /** The sentence that refuses a save. */
  message: z.string(),
  src: z.string(), target: z.string(), expected: z.enum(['accept', 'deny']), reason: z.string(),
})

/**
 * What checking a text gives: its problems, its grants (empty while it has errors), what its tests say, who gains and loses
 * what, and the running sessions that saving it would end.
 */
export const policyCheckSchema = z.object({
  problems: z.array(policyProblemSchema),
  grants: z.array(policyGrantRowSchema),
  /** The first failing ones are named. */
  tests: z.object({ total: z.number().int(), passed: z.number().int(), failed: z.array(policyTestSchema) }),
  /** Absent while the text has errors. */
  preview: policyPreviewSchema.exactOptional(),
  /** The first of them by rate. */
  ends: z.array(endingSessionSchema),
  totalEnds: z.number().int(),
})
export type PolicyCheck = z.infer<typeof policyCheckSchema>
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
const versionNumber = z.coerce.number().int().min(1).max(0x7fffffff)
export const policyVersionSchema = z.object({ version: versionNumber })
export const listPolicyVersionsSchema = z.object({
  /** Only versions older than this one. */
  cursor: versionNumber.nullish(),
  limit: z.coerce.number().int().min(1).max(50).default(50),
})
export const policyVersionRowSchema = z.object({
  version: z.number().int(), author: z.string(), message: z.string(), createdAt: z.date(),
  /** Against the version before it; null for the first one, and where texts are too long to compare each time. */
  lines: z.object({ added: z.number().int(), removed: z.number().int() }).nullable(),
})
export const policyVersionPageSchema = z.object({
  rows: z.array(policyVersionRowSchema),
  /** What to ask for the next page with as `cursor`; null: there is none. */
  next: z.number().int().nullable(),
})
export type PolicyVersionPage = z.infer<typeof policyVersionPageSchema>
export type PolicyVersionRow = z.infer<typeof policyVersionRowSchema>
