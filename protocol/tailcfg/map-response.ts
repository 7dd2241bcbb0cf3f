import { z } from 'zod'
import { derpMapSchema } from './derp-map.ts'
import { capMapSchema, peerChangeSchema, prefixSchema, wireNodeSchema } from './node.ts'
import { pingRequestSchema } from './ping.ts'

/** One rule of what may come into a node (spec/coordination.md §5.1). */
export const filterRuleSchema = z.object({
  SrcIPs: z.array(z.string().min(1)),
  DstPorts: z.array(z.object({ IP: z.string().min(1), Ports: z.object({ First: z.number().int().min(0).max(65_535), Last: z.number().int().min(0).max(65_535) }).strict() }).strict()).optional(),
  IPProto: z.array(z.number().int()).optional(),
  CapGrant: z.array(z.object({ Dsts: z.array(prefixSchema), CapMap: capMapSchema }).strict()).optional(),
}).strict()
export type FilterRuleWire = z.infer<typeof filterRuleSchema>

const resolver = z.object({ Addr: z.string().min(1) }).strict()

/** Names and resolvers (§6.1). */
export const dnsConfigSchema = z.object({
  Proxied: z.boolean().optional(),
  Domains: z.array(z.string()).optional(),
  Resolvers: z.array(resolver).optional(),
  Routes: z.record(z.string(), z.array(resolver)).optional(),
  ExtraRecords: z.array(z.object({ Name: z.string(), Type: z.string().optional(), Value: z.string() }).strict()).optional(),
}).strict()
export type DnsConfig = z.infer<typeof dnsConfigSchema>

export const userProfileSchema = z.object({
  ID: z.number().int().positive(), LoginName: z.string(), DisplayName: z.string(), ProfilePicURL: z.string().optional(),
}).strict()
export type UserProfile = z.infer<typeof userProfileSchema>

export const displayMessageSchema = z.object({
  Title: z.string(),
  Text: z.string(),
  Severity: z.enum(['high', 'medium', 'low']),
  ImpactsConnectivity: z.boolean().optional(),
  PrimaryAction: z.object({ URL: z.string(), Label: z.string() }).strict().optional(),
}).strict()
export type DisplayMessage = z.infer<typeof displayMessageSchema>

/** A message of a map stream (§3.4, §3.5). Absent: unchanged, or the client's default in the first. */
export const mapResponseSchema = z.object({
  KeepAlive: z.literal(true).optional(),
  ControlTime: z.string().optional(),
  PingRequest: pingRequestSchema.optional(),
  Node: wireNodeSchema.optional(),
  DERPMap: derpMapSchema.optional(),
  /** Complete, by ascending ID; empty means unchanged but in a stream's first message. */
  Peers: z.array(wireNodeSchema).optional(),
  PeersChanged: z.array(wireNodeSchema).optional(),
  PeersRemoved: z.array(z.number().int()).optional(),
  PeersChangedPatch: z.array(peerChangeSchema).optional(),
  /** Chunk → rules; null deletes it, `"*": null` clears all first. */
  PacketFilters: z.record(z.string(), z.array(filterRuleSchema).nullable()).optional(),
  UserProfiles: z.array(userProfileSchema).optional(),
  DNSConfig: dnsConfigSchema.optional(),
  Domain: z.string().optional(),
  /** Id → message; null deletes it. */
  DisplayMessages: z.record(z.string(), displayMessageSchema.nullable()).optional(),
  Debug: z.object({ DisableLogTail: z.boolean().optional() }).strict().optional(),
}).strict()
export type MapResponse = z.infer<typeof mapResponseSchema>
