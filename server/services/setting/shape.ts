import { z } from 'zod'
import { strictBoolean } from '../strict-boolean.ts'

/** Since the control plane started, only what happened, most first. */
const reasonsSchema = z.array(z.object({ reason: z.string(), count: z.number().int() }))

export const settingsSchema = z.object({
  networkName: z.string(),
  /** New machines of people wait until somebody lets them in. */
  machineApproval: z.boolean(),
  publicUrl: z.string(),
  /** Empty: none. */
  publicUrlWarning: z.string(),
  /** The login server for stock clients, one that they come back to after a lost connection; null: there is none. */
  joinUrl: z.string().nullable(),
  /** What is wrong with it, and how to fix it. Empty: nothing. */
  joinWarning: z.string(),
  /** HTTPS of our own; null: none. */
  tls: z.object({
    source: z.enum(['files', 'acme']), names: z.array(z.string()), certificateExpires: z.date(), selfSigned: z.boolean(),
    /** Why the last renewal failed. Empty: all is well. */
    problem: z.string(),
    nextTry: z.date().nullable(),
  }).nullable(),
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
  machineApproval: strictBoolean.optional(),
})
