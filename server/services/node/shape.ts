import { z } from 'zod'
import { limitSchema } from '../relay/shape.ts'
import { strictBoolean } from '../strict-boolean.ts'

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
  /** Somebody decided that it never expires, whatever the machine's owner. */
  keyExpiryDisabled: z.boolean(),
  /** The version of the wire that it speaks; 0: unknown. */
  capVersion: z.number().int(),
  /** Subnet routes that it offers and that were approved, and those that wait for somebody's approval. */
  routes: z.number().int(),
  routesToApprove: z.number().int(),
  /** In force is `approved` alone: offered by it and let by somebody. */
  exitNode: z.enum(['no', 'offered', 'approved', 'approved-not-offered']),
  authorized: z.boolean(),
  ephemeral: z.boolean(),
  isRelay: z.boolean(),
  createdAt: z.date(),
})
export type MachineRow = z.infer<typeof machineRowSchema>

const machineRouteSchema = z.object({
  route: z.string(),
  offered: z.boolean(),
  approved: z.boolean(),
  /** Why it cannot be approved; empty: it can. */
  problem: z.string(),
  /** In force, and others are told to go by it. */
  carries: z.boolean(),
  /** Who carries this prefix now, maybe itself; empty: nobody. */
  carrier: z.string(),
  /** Others that route the same prefix. */
  others: z.array(z.object({ id: z.number().int(), name: z.string() })),
})
export type MachineRoute = z.infer<typeof machineRouteSchema>

export const machineDetailSchema = machineRowSchema.extend({
  nodeKey: z.string(),
  discoKey: z.string(),
  machineKey: z.string(),
  endpoints: z.array(z.string()),
  /** Subnet routes that it offers or that were approved. */
  subnetRoutes: z.array(machineRouteSchema),
  /** What it says of itself; null: it is no stock client. */
  client: z.object({
    /** Its distribution or system, with the version. */
    system: z.string(),
    /** Its own setting says that it relays. */
    relay: z.boolean(),
    /** Its owner lets it be set from here. */
    remoteConfig: z.boolean(),
    /** Its NAT gives each destination another port; null: unknown. */
    hardNat: z.boolean().nullable(),
    udp: z.boolean().nullable(),
  }).nullable(),
  /** Names of attributes that the policy gives it, each with its lines; not sent: those that mean nothing here. */
  attributes: z.array(z.object({ name: z.string(), lines: z.array(z.number().int()), isSent: z.boolean() })),
  /** What keeps it from working as people expect, one sentence each. */
  warnings: z.array(z.string()),
  /** Every relay of the network, may it or not, and why: one sentence, with the policy's line. */
  relays: z.array(z.object({ id: z.number().int(), name: z.string(), allowed: z.boolean(), up: z.boolean(), sentence: z.string(), line: z.number().int().nullable(), limits: z.array(limitSchema) })),
  /** Names of machines that it may reach, at most 200. */
  reaches: z.array(z.object({ id: z.number().int(), name: z.string(), kind: z.enum(['agent', 'client', 'simulated']) })),
  reachCount: z.number().int(),
})
export type MachineDetail = z.infer<typeof machineDetailSchema>

export const renameMachineSchema = z.object({
  id: z.number().int().positive(),
  name: z.string().trim().toLowerCase().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'letters, digits and hyphens, at most 63, such as lock-1'),
})
export const setTagsSchema = z.object({ id: z.number().int().positive(), tags: z.array(z.string().trim()).max(64) })
/** Of one machine. */
export const maxApprovedRoutes = 256
/** `routes`: canonical prefixes without the default routes, which `exitNode` stands for. */
export const setRoutesSchema = z.object({ id: z.number().int().positive(), routes: z.array(z.string().trim().max(64)).max(maxApprovedRoutes, `at most ${maxApprovedRoutes} routes`), exitNode: strictBoolean })
export const setKeyExpirySchema = z.object({ id: z.number().int().positive(), disabled: strictBoolean })
export const machineIdSchema = z.object({ id: z.number().int().positive() })
