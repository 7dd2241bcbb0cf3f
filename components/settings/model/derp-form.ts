import type { DerpRegionRow } from '../../../server/trpc/types.ts'
import { readWhole } from './forms.ts'

/** A server as typed. */
export interface TypedServer {
  readonly host: string
  readonly ipv4: string
  readonly ipv6: string
  readonly derpPort: string
  readonly stunPort: string
  readonly pin: string
}

export interface TypedRegion {
  readonly code: string
  readonly name: string
  readonly servers: readonly TypedServer[]
}

export const newServer: TypedServer = { host: '', ipv4: '', ipv6: '', derpPort: '443', stunPort: '3478', pin: '' }
export const newRegion: TypedRegion = { code: '', name: '', servers: [newServer] }

export function typedRegion({ code, name, servers }: DerpRegionRow): TypedRegion {
  return { code, name, servers: servers.map((server) => ({ ...server, derpPort: String(server.derpPort), stunPort: String(server.stunPort) })) }
}

type Server = Omit<TypedServer, 'derpPort' | 'stunPort'> & { readonly derpPort: number; readonly stunPort: number }
export type RegionInput = { code: string; name: string; servers: Server[] }
/** By the field's path, as the control plane names it: `servers.0.host`. */
export type Problems = Readonly<Record<string, string>>

/** What was typed, as the control plane takes it; else what is wrong with which field. */
export function readRegion({ code, name, servers }: TypedRegion): { readonly ok: true; readonly value: RegionInput } | { readonly ok: false; readonly problems: Problems } {
  const problems: Record<string, string> = {}
  if (code.trim() === '') problems.code = 'A short code, such as ams.'
  if (name.trim() === '') problems.name = 'A name, to know the region by.'
  const read = servers.map((server, at): Server => {
    const ports = { derpPort: readWhole(server.derpPort, 1, 65_535, 'The port'), stunPort: readWhole(server.stunPort, 0, 65_535, 'The port') }
    for (const [field, port] of Object.entries(ports)) if (!port.ok) problems[`servers.${at}.${field}`] = port.text
    if (server.host.trim() === '') problems[`servers.${at}.host`] = 'A name or an address.'
    return { ...server, derpPort: ports.derpPort.ok ? ports.derpPort.value : 0, stunPort: ports.stunPort.ok ? ports.stunPort.value : 0 }
  })
  return Object.keys(problems).length > 0 ? { ok: false, problems } : { ok: true, value: { code, name, servers: read } }
}

/** How clients know that they have reached the right server. */
export function certificateWords(pin: string): string {
  return pin === '' ? 'by name' : 'pinned'
}

/** "2 servers: a:443, b:8443" is what a row has room for. */
export function serverWords({ servers }: Pick<DerpRegionRow, 'servers'>): string {
  const [first] = servers
  if (first === undefined) return 'not running'
  return `${first.host.includes(':') ? `[${first.host}]` : first.host}:${first.derpPort}${servers.length > 1 ? `, and ${servers.length - 1} more` : ''}`
}
