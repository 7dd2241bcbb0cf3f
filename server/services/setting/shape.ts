import { z } from 'zod'

/** Since the control plane started, only what happened, most first. */
const reasonsSchema = z.array(z.object({ reason: z.string(), count: z.number().int() }))

export const settingsSchema = z.object({
  networkName: z.string(),
  publicUrl: z.string(),
  /** Empty: none. */
  publicUrlWarning: z.string(),
  derp: z.object({
    host: z.string(), port: z.number().int(), pin: z.string(), certificateExpires: z.date(), ownCertificate: z.boolean(), clients: z.number().int(),
    /** Bits a second per client. */
    bitsPerClient: z.number().int(),
    /** Packets not forwarded. */
    drops: reasonsSchema,
    /** Connections refused, or ended by the server. */
    closed: reasonsSchema,
  }),
  /** `drops`: requests not answered. */
  stun: z.object({ port: z.number().int(), drops: reasonsSchema }),
  database: z.enum(['embedded', 'external']),
  version: z.string(),
})
export type Settings = z.infer<typeof settingsSchema>

export const updateSettingsSchema = z.object({
  networkName: z.string().trim().min(1).max(60).optional(),
  derpMbitPerClient: z.number().min(1).max(10_000).optional(),
})
