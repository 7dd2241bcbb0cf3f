import { z } from 'zod'
import { optionalText } from './values.ts'

/** A question to a client, in any map message (spec/coordination.md §7.1). */
export const pingRequestSchema = z.object({
  URL: z.string().min(1),
  URLIsNoise: z.boolean().optional(),
  Log: z.boolean().optional(),
  /** `disco`, `TSMP`, `ICMP`, `peerapi`, `c2n`; several with commas. */
  Types: z.string().optional(),
  IP: z.string().optional(),
  /** Base64 of an HTTP/1.1 request, for `c2n`. */
  Payload: z.string().optional(),
}).strict()
export type PingRequest = z.infer<typeof pingRequestSchema>

/** Its answer to all but `c2n`. */
export const pingResponseSchema = z.object({
  Type: optionalText,
  IP: optionalText,
  NodeIP: optionalText,
  NodeName: optionalText,
  Err: optionalText,
  LatencySeconds: z.number().nonnegative().nullish().transform((value) => value ?? 0),
  /** `ip:port` when the path is direct. */
  Endpoint: optionalText,
  /** `ip:port:vni:N` when it is a peer relay's. */
  PeerRelay: optionalText,
  DERPRegionID: z.number().int().nullish().transform((value) => value ?? 0),
  DERPRegionCode: optionalText,
  PeerAPIPort: z.number().int().nullish().transform((value) => value ?? 0),
})
export type PingResponse = z.infer<typeof pingResponseSchema>
