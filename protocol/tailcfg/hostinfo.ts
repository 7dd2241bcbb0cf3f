import { z } from 'zod'
import { flag, list, optionalText, text } from './values.ts'

/** What a client's network check found (spec/coordination.md §4.4). */
export const netInfoSchema = z.object({
  /** Its home region; 0: not known yet. */
  PreferredDERP: z.number().int().min(0).max(65_535).catch(0).default(0),
  /** `"<region>-v4"` → seconds. */
  DERPLatency: z.record(z.string().max(32), z.number()).nullish().transform((value) => value ?? {}),
  MappingVariesByDestIP: z.boolean().nullish(),
  HairPinning: z.boolean().nullish(),
  WorkingIPv6: z.boolean().nullish(),
  OSHasIPv6: z.boolean().nullish(),
  WorkingUDP: z.boolean().nullish(),
  WorkingICMPv4: z.boolean().nullish(),
  HavePortMap: flag,
  FirewallMode: optionalText,
})
export type NetInfo = z.infer<typeof netInfoSchema>

export const serviceSchema = z.object({
  /** `tcp`, `udp`, `peerapi4`, `peerapi6`, `peerapi-dns-proxy` and others. */
  Proto: text,
  Port: z.number().int().min(0).max(65_535),
  Description: text.nullish(),
})
export type Service = z.infer<typeof serviceSchema>

/** What a client says of its machine. Unknown members are dropped, as are private ones that nothing here uses (§4.4). */
export const hostinfoSchema = z.object({
  IPNVersion: optionalText,
  OS: optionalText,
  OSVersion: optionalText,
  Distro: optionalText,
  DistroVersion: optionalText,
  DeviceModel: optionalText,
  Hostname: optionalText,
  GoArch: optionalText,
  Container: z.boolean().nullish(),
  Userspace: z.boolean().nullish(),
  ShieldsUp: flag,
  /** Prefixes that it offers to route. */
  RoutableIPs: list(text, 256),
  /** `tag:…` that it asks for. */
  RequestTags: list(text, 64),
  Services: list(serviceSchema, 256),
  NetInfo: netInfoSchema.nullish(),
  sshHostKeys: list(text, 32),
  /** It is set up as a peer relay. */
  PeerRelay: flag,
  /** Its owner lets us set it (from version 142 on). */
  RemoteConfig: flag,
  ExitNodeID: optionalText,
  AllowsUpdate: flag,
})
export type Hostinfo = z.infer<typeof hostinfoSchema>

/** The same as stored, whatever version wrote it. */
export const storedHostinfoSchema = hostinfoSchema.partial().catch({})
export type StoredHostinfo = z.infer<typeof storedHostinfoSchema>

/** Services that peers must know: where its peer API listens. */
export const peerApiServices: ReadonlySet<string> = new Set(['peerapi4', 'peerapi6', 'peerapi-dns-proxy'])

/** The part of a Hostinfo that peers are told (§4.4): nothing else leaves. */
export const peerHostinfoSchema = z.object({
  Hostname: z.string().optional(),
  OS: z.string().optional(),
  Services: z.array(z.object({ Proto: z.string(), Port: z.number().int(), Description: z.string().optional() })).optional(),
  sshHostKeys: z.array(z.string()).optional(),
  PeerRelay: z.literal(true).optional(),
  RoutableIPs: z.array(z.string()).optional(),
}).strict()
export type PeerHostinfo = z.infer<typeof peerHostinfoSchema>
