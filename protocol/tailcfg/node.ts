import { z } from 'zod'
import { peerHostinfoSchema } from './hostinfo.ts'

/** Integers that survive every JSON reader. */
const id = z.number().int().positive().max(Number.MAX_SAFE_INTEGER)
const wireKey = (prefix: string) => z.string().regex(new RegExp(`^${prefix}:[0-9a-f]{64}$`))
const goTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/)
/** A prefix with its length: a malformed one ends the client's stream. */
export const prefixSchema = z.string().regex(/^[0-9a-f.:]+\/\d{1,3}$/)

/** Name → values; that a name is there is what counts. */
export const capMapSchema = z.record(z.string(), z.array(z.unknown()).nullable())
export type CapMap = z.infer<typeof capMapSchema>

/** A node as clients are told of it (spec/coordination.md §4.1). */
export const wireNodeSchema = z.object({
  ID: id,
  StableID: z.string().min(1),
  /** With the dot at its end. */
  Name: z.string().regex(/\.$/),
  User: id,
  Key: wireKey('nodekey'),
  KeyExpiry: goTime.optional(),
  Machine: wireKey('mkey').optional(),
  DiscoKey: wireKey('discokey').optional(),
  /** IPv4 first. */
  Addresses: z.array(prefixSchema).min(1),
  AllowedIPs: z.array(prefixSchema),
  Endpoints: z.array(z.string()).optional(),
  HomeDERP: id.optional(),
  Hostinfo: peerHostinfoSchema,
  Created: goTime,
  Cap: z.number().int().optional(),
  Tags: z.array(z.string()).optional(),
  PrimaryRoutes: z.array(prefixSchema).optional(),
  LastSeen: goTime.optional(),
  Online: z.boolean().optional(),
  MachineAuthorized: z.literal(true).optional(),
  CapMap: capMapSchema.optional(),
}).strict()
export type WireNode = z.infer<typeof wireNodeSchema>

/** A change of a peer; absent: unchanged (§3.5). */
export const peerChangeSchema = z.object({
  NodeID: id,
  DERPRegion: id.optional(),
  Cap: z.number().int().positive().optional(),
  CapMap: capMapSchema.optional(),
  Endpoints: z.array(z.string()).optional(),
  Key: wireKey('nodekey').optional(),
  DiscoKey: wireKey('discokey').optional(),
  Online: z.boolean().optional(),
  LastSeen: goTime.optional(),
  KeyExpiry: goTime.optional(),
}).strict()
export type PeerChange = z.infer<typeof peerChangeSchema>
