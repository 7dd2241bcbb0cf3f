import { isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { fail, ok, type Result } from '../../../lib/result.ts'
import type { DerpNode, DerpRegion } from '../../../netmap/index.ts'
import { readHost } from './host.ts'

/** What clients are told grows with it, each of them. */
export const maxRegions = 256
export const maxNodes = 16
const maxLeftOut = 20

const port = (none: number) => z.number().int().min(none).max(65_535).optional()
const address = (is: (text: string) => boolean, family: string) =>
  z.string().refine((text) => text === '' || text === 'none' || is(text), `is no ${family} address, nor "none"`).optional()
export const pinForm = /^sha256-raw:[0-9a-f]{64}$/

const nodeSchema = z.object({
  HostName: z.string().transform((text, context) => {
    const host = readHost(text)
    if (host !== undefined) return host
    context.addIssue({ code: 'custom', message: `${JSON.stringify(text.slice(0, 60))} is no host name` })
    return z.NEVER
  }),
  CertName: z.string().refine((text) => text === '' || pinForm.test(text) || readHost(text) !== undefined, 'is neither a name nor sha256-raw:<64 hex digits>').optional(),
  IPv4: address(isIPv4, 'IPv4'),
  IPv6: address(isIPv6, 'IPv6'),
  DERPPort: port(0),
  STUNPort: port(-1),
  STUNOnly: z.boolean().optional(),
  CanPort80: z.boolean().optional(),
})
const regionSchema = z.object({
  RegionID: z.number().int().min(1).max(65_535),
  RegionCode: z.string().max(60).optional(),
  RegionName: z.string().max(100).optional(),
  Avoid: z.boolean().optional(),
  NoMeasureNoHome: z.boolean().optional(),
  Nodes: z.array(z.unknown()).nullish(),
})
const mapSchema = z.object({ Regions: z.record(z.string(), z.unknown()) })

export interface ParsedMap {
  /** Ascending by id. */
  readonly regions: readonly DerpRegion[]
  /** What could not be used, a sentence each; at most 20. */
  readonly leftOut: readonly string[]
}

/** A DERP map as others publish it (spec/coordination.md §6.2): what of it can be used. Fails with a text for people when that is nothing. */
export function parseDerpMap(value: unknown): Result<ParsedMap> {
  const map = mapSchema.safeParse(value)
  if (!map.success) return fail('it is no DERP map: an object with "Regions" is expected')
  const leftOut: string[] = []
  const regions = Object.entries(map.data.Regions).flatMap(([key, region]) => {
    // A region that is gone.
    if (region === null) return []
    const read = readRegion(key, region, leftOut)
    return read === undefined ? [] : [read]
  }).toSorted((a, b) => a.id - b.id)
  for (const { id } of regions.splice(maxRegions)) leftOut.push(`region ${id}: more than ${maxRegions} regions are not taken`)
  if (regions.length === 0) return fail(`it has no region that can be used${leftOut[0] === undefined ? '' : `: ${leftOut[0]}`}`)
  return ok({ regions, leftOut: cut(leftOut) })
}

/** The first of them, and how many more there are. */
export function cut(leftOut: readonly string[]): string[] {
  return leftOut.length <= maxLeftOut ? [...leftOut] : [...leftOut.slice(0, maxLeftOut - 1), `and ${leftOut.length - maxLeftOut + 1} more`]
}

function why({ issues }: z.ZodError): string {
  const [issue] = issues
  return issue === undefined ? '' : `${issue.path.join('.')} ${issue.message}`.trim()
}

function readRegion(key: string, value: unknown, leftOut: string[]): DerpRegion | undefined {
  const out = (text: string): undefined => void leftOut.push(`region ${key.slice(0, 20)}: ${text}`)
  const read = regionSchema.safeParse(value)
  if (!read.success) return out(why(read.error))
  const { RegionID: id, RegionCode: code, RegionName: name, Avoid, NoMeasureNoHome, Nodes } = read.data
  if (key !== String(id)) return out(`its RegionID is ${id}`)
  const nodes = (Nodes ?? []).slice(0, maxNodes).flatMap((one, at): DerpNode[] => {
    const node = nodeSchema.safeParse(one)
    if (node.success) return [readNode(`${id}${String.fromCharCode(0x61 + at)}`, node.data)]
    out(`server ${at + 1}: ${why(node.error)}`)
    return []
  })
  const [first, ...rest] = nodes
  if (first === undefined) return out('it has no server that can be used')
  return { id, code: code || `r${id}`, name: name || code || `Region ${id}`, ...(Avoid || NoMeasureNoHome ? { noHome: true as const } : {}), nodes: [first, ...rest] }
}

/** Names are given anew by the region: clients tell servers of all regions apart by them. */
function readNode(name: string, { HostName, CertName, IPv4, IPv6, DERPPort, STUNPort, STUNOnly, CanPort80 }: z.infer<typeof nodeSchema>): DerpNode {
  const isPin = CertName !== undefined && pinForm.test(CertName)
  return {
    name, host: HostName,
    ...(IPv4 ? { ipv4: IPv4 } : {}),
    ...(IPv6 ? { ipv6: IPv6 } : {}),
    derpPort: DERPPort || 443,
    stunPort: STUNPort === -1 ? 0 : STUNPort || 3478,
    ...(STUNOnly ? { stunOnly: true as const } : {}),
    ...(CanPort80 ? { canPort80: true as const } : {}),
    ...(CertName && !isPin ? { certName: CertName } : {}),
    pins: isPin ? [CertName] : [],
  }
}
