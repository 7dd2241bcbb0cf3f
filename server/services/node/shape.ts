import { z } from 'zod'

export const machineRowSchema = z.object({
  id: z.number().int(),
  stableId: z.string(),
  name: z.string(),
  kind: z.enum(['agent', 'client', 'simulated']),
  hostname: z.string(),
  os: z.string(),
  version: z.string(),
  addresses: z.array(z.string()),
  tags: z.array(z.string()),
  /** A person's e-mail; null: tagged, or nobody's. */
  owner: z.string().nullable(),
  online: z.boolean(),
  lastSeen: z.date().nullable(),
  /** Region code of its home DERP; null: unknown. */
  homeDerp: z.string().nullable(),
  keyExpiry: z.date().nullable(),
  keyExpired: z.boolean(),
  authorized: z.boolean(),
  ephemeral: z.boolean(),
  isRelay: z.boolean(),
  createdAt: z.date(),
})
export type MachineRow = z.infer<typeof machineRowSchema>

export const machineDetailSchema = machineRowSchema.extend({
  nodeKey: z.string(),
  discoKey: z.string(),
  machineKey: z.string(),
  endpoints: z.array(z.string()),
  /** Every relay of the network, may it or not, and why: one sentence, with the policy's line. */
  relays: z.array(z.object({ id: z.number().int(), name: z.string(), allowed: z.boolean(), up: z.boolean(), sentence: z.string(), line: z.number().int().nullable() })),
  /** Names of machines that it may reach, at most 200. */
  reaches: z.array(z.object({ id: z.number().int(), name: z.string() })),
  reachCount: z.number().int(),
})
export type MachineDetail = z.infer<typeof machineDetailSchema>

export const renameMachineSchema = z.object({
  id: z.number().int().positive(),
  name: z.string().trim().toLowerCase().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'letters, digits and hyphens, at most 63, such as lock-1'),
})
export const setTagsSchema = z.object({ id: z.number().int().positive(), tags: z.array(z.string().trim()).max(64) })
export const machineIdSchema = z.object({ id: z.number().int().positive() })
