import { z } from 'zod'

/** What one node is told of another (architecture: Identity). Keys in their text forms; addresses IPv4 first. */
export const peerSchema = z.object({
  id: z.number().int().positive(),
  stableId: z.string(),
  name: z.string(),
  kind: z.enum(['agent', 'client', 'simulated']),
  nodeKey: z.string(),
  discoKey: z.string(),
  addresses: z.array(z.string()),
  endpoints: z.array(z.string()),
  homeDerp: z.number().int(),
  capVersion: z.number().int(),
  tags: z.array(z.string()),
  /** As it was when the view was made: that it changed alone is not told. */
  online: z.boolean(),
  /** Milliseconds since the epoch; absent: never. */
  keyExpiry: z.number().optional(),
})
export type ChannelPeer = z.infer<typeof peerSchema>

/** Who may be at an end of a session: what a relay needs to know a client by its keys and to name it. */
export const sessionPeerSchema = peerSchema.pick({ id: true, name: true, nodeKey: true, discoKey: true, keyExpiry: true })
export type SessionPeer = z.infer<typeof sessionPeerSchema>

export const derpRegionSchema = z.object({
  id: z.number().int().positive(),
  code: z.string(),
  name: z.string(),
  host: z.string(),
  derpPort: z.number().int(),
  stunPort: z.number().int(),
  /** Accepted certificates, `sha256-raw:<hex of the DER's SHA-256>`; empty: verified by the system's authorities. */
  pins: z.array(z.string()),
})
export type DerpRegion = z.infer<typeof derpRegionSchema>

/** What the control plane wants of a relay; absent for a node that is none. */
export const relayConfigSchema = z.object({
  advertised: z.boolean(),
  port: z.number().int().min(1).max(65535),
  staticEndpoints: z.array(z.string()),
  region: z.string(),
  maxEndpoints: z.number().int().positive(),
  handshakesPerSecond: z.number().int().positive(),
})
export type RelayConfig = z.infer<typeof relayConfigSchema>

/** What grants limit for some clients of a relay (spec/policy.md §14); an absent member: no limit. `maxRate` is in bits a second. */
export const clientLimitsSchema = z.object({
  clients: z.array(z.number().int()),
  maxSessions: z.number().int().positive().optional(),
  family: z.enum(['ipv4', 'ipv6']).optional(),
  maxRate: z.number().int().nonnegative().optional(),
})
export type ClientLimits = z.infer<typeof clientLimitsSchema>

/** One node's whole view: what `netmap` computes for it, with a revision that grows. */
export const viewSchema = z.object({
  self: peerSchema,
  peers: z.array(peerSchema),
  /** Ids of relays that this node may use and that are up. */
  relays: z.array(z.number().int()),
  /** Ids of nodes that may allocate on this node. */
  serves: z.array(z.number().int()),
  /** Those of `serves` who have limits, each in one entry; clients with the same limits share it. Absent: nobody has any. */
  limits: z.array(clientLimitsSchema).optional(),
  /** For a node that serves anybody: every valid node but itself, as only one end of a session needs a grant. */
  sessionPeers: z.array(sessionPeerSchema),
  derp: z.array(derpRegionSchema),
  relay: relayConfigSchema.optional(),
  /** False: the node waits for somebody's approval; absent: it takes part. */
  authorized: z.boolean().optional(),
})
export type ChannelView = z.infer<typeof viewSchema>
