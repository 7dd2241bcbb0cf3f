import { z } from 'zod'
import { hostinfoSchema } from './hostinfo.ts'
import { discoKeySchema, flag, list, nodeKeySchema, optionalKey, optionalText, text } from './values.ts'

/** How a client found an endpoint of its own (spec/coordination.md §3.2). */
export const endpointTypes = ['unknown', 'local', 'stun', 'port-mapped', 'stun-local-port', 'explicit'] as const

/** `POST /machine/map` (§3.2). */
export const mapRequestSchema = z.object({
  Version: z.number().int().min(0).max(65_535),
  Compress: optionalText,
  KeepAlive: flag,
  NodeKey: nodeKeySchema,
  DiscoKey: optionalKey(discoKeySchema),
  Hostinfo: hostinfoSchema.nullish(),
  Endpoints: list(text, 64),
  EndpointTypes: list(z.number().int().min(0).max(255), 64),
  Stream: flag,
  OmitPeers: flag,
  ReadOnly: flag,
  DebugFlags: list(text, 32),
})
export type MapRequest = z.infer<typeof mapRequestSchema>
