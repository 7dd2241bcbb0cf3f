import { isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { readHost } from './host.ts'
import { ownRegionId } from './own-region.ts'
import { maxNodes, pinForm } from './parse-map.ts'

/** Numbers that stock clients' users expect of operators' own regions; the first is ours. */
export const savedIds = { first: ownRegionId + 1, last: 999 } as const

const code = z.string().trim().toLowerCase().regex(/^[a-z0-9][a-z0-9-]{0,19}$/, 'up to 20 small letters, digits and hyphens')
const name = z.string().trim().min(1, 'a name, to know the region by').max(60)
const family = (is: (text: string) => boolean, example: string) => z.string().trim().toLowerCase()
  .refine((text) => text === '' || text === 'none' || is(text), `an address such as ${example}, "none", or nothing`).default('')

export const derpServerSchema = z.object({
  /** A name or an address. */
  host: z.string().transform((text, context) => {
    const host = readHost(text)
    if (host !== undefined) return host
    context.addIssue({ code: 'custom', message: 'a host name or an IP address, without https:// and port' })
    return z.NEVER
  }),
  /** Empty: the name is looked up; `none`: not reached by this family. */
  ipv4: family(isIPv4, '192.0.2.1'),
  ipv6: family(isIPv6, '2001:db8::1'),
  derpPort: z.number().int().min(1).max(65_535).default(443),
  /** 0: it answers no STUN. */
  stunPort: z.number().int().min(0).max(65_535).default(3478),
  /** `sha256-raw:<hex>`, the prefix may be left out; empty: the system's authorities vouch for its certificate. */
  pin: z.string().trim().toLowerCase().transform((text) => (/^[0-9a-f]{64}$/.test(text) ? `sha256-raw:${text}` : text))
    .refine((text) => text === '' || pinForm.test(text), 'the certificate’s SHA-256 as 64 hex digits, or nothing').default(''),
})
export type DerpServerInput = z.output<typeof derpServerSchema>

export const saveDerpRegionSchema = z.object({
  /** Of a region that was added here; absent: it is a new one. */
  id: z.number().int().min(savedIds.first).max(savedIds.last).optional(),
  code,
  name,
  servers: z.array(derpServerSchema).min(1, 'a region has a server at least').max(maxNodes),
})
export const derpRegionIdSchema = z.object({ id: z.number().int() })
export const nameOwnDerpSchema = z.object({ code, name })
export const setDerpSourceSchema = z.object({
  /** `http` or `https`; empty: none any more. */
  url: z.string().trim().max(2000).refine((text) => text === '' || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)), 'an address such as https://example.com/derpmap.json')
    // Whoever may look at the settings sees it, and so does the audit trail.
    .refine((text) => !URL.canParse(text) || new URL(text).username + new URL(text).password === '', 'an address without a user and a password in it'),
})

const serverRow = z.object({
  host: z.string(), ipv4: z.string(), ipv6: z.string(), derpPort: z.number().int(), stunPort: z.number().int(), pin: z.string(),
})
const regionRow = z.object({
  id: z.number().int(),
  code: z.string(),
  name: z.string(),
  servers: z.array(serverRow),
  /** Machines whose home it is. */
  machines: z.number().int(),
})
export type DerpRegionRow = z.infer<typeof regionRow>

export const derpOverviewSchema = z.object({
  /** Of this control plane; no servers while it is not up. */
  own: regionRow,
  /** Added here. */
  saved: z.array(regionRow),
  source: z.object({
    /** Empty: none. */
    url: z.string(),
    state: z.enum(['none', 'good', 'failing']),
    /** When `failing`: why, for people. The last good regions stay in use. */
    error: z.string(),
    fetchedAt: z.date().nullable(),
    triedAt: z.date().nullable(),
    regions: z.array(regionRow),
    /** What of it is not used and why, a sentence each. */
    leftOut: z.array(z.string()),
  }),
})
export type DerpOverview = z.infer<typeof derpOverviewSchema>
