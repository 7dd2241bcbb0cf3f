import { fail, ok, type Result } from '../lib/result.ts'
import { parseAddress } from './address.ts'

export type PortRange = { readonly first: number; readonly last: number }
/** One entry of a grant's `ip`: port ranges, and one protocol number or none (the client's default four). */
export type IpEntry = { readonly ports: readonly PortRange[]; readonly protocol?: number }

const allPorts: PortRange = { first: 0, last: 65535 }

/** Protocols by name (spec/policy.md §4). */
export const protocols: ReadonlyMap<string, number> = new Map([
  ['icmp', 1], ['icmpv4', 1], ['igmp', 2], ['ipv4', 4], ['ip-in-ip', 4], ['tcp', 6], ['egp', 8], ['igp', 9], ['udp', 17],
  ['dccp', 33], ['gre', 47], ['esp', 50], ['ah', 51], ['ipv6-icmp', 58], ['icmpv6', 58], ['sctp', 132], ['fc', 133],
])
/** What clients take a rule without a protocol for (spec/policy.md §4). */
export const defaultProtocols: readonly number[] = [6, 17, 1, 58]
const withPorts: ReadonlySet<number> = new Set([6, 17, 132])

/** Reads `*`, `PORTS` or `PROTO:PORTS` (spec/policy.md §4); the reason is a sentence for the author. */
export function parseIpEntry(text: string): Result<IpEntry, string> {
  const parts = text.split(':')
  if (parts.length > 2) return fail(`"${text}" has more than one colon: write "*", "443" or "tcp:443".`)
  if (parts.length === 1) {
    if (protocols.has(text.toLowerCase())) return fail(`"${text}" is a protocol without ports: write "${text}:*".`)
    const ports = parsePorts(text)
    return ports.ok ? ok({ ports: ports.value }) : ports
  }
  const [name = '', portsText = ''] = parts
  const protocol = parseProtocol(name)
  if (!protocol.ok) return protocol
  const ports = parsePorts(portsText)
  if (!ports.ok) return ports
  if (!hasPorts(protocol.value) && portsText !== '*') {
    return fail(`"${text}": ${name} has no ports, so the only form is "${name}:*".`)
  }
  return ok({ ports: ports.value, protocol: protocol.value })
}

/** Whether a protocol has ports; any other takes `*` alone (spec/policy.md §4). */
export function hasPorts(protocol: number): boolean {
  return withPorts.has(protocol)
}

/** A destination with ports, as in acls and tests, in its two parts. */
export type AddressAndPorts = { readonly selector: string; readonly ports: string }

/** Divides `SELECTOR:PORTS` at its last colon; an IPv6 address may stand in brackets (spec/policy.md §4). */
export function splitPorts(text: string): Result<AddressAndPorts, string> {
  const colon = text.lastIndexOf(':')
  if (colon < 0 || /\](\/[0-9]*)?$/.test(text)) return fail(`"${text}" has no port: write "${text}:*", or a port such as 443.`)
  const selector = text.slice(0, colon).trim()
  const ports = text.slice(colon + 1).trim()
  if (!/[[\]]/.test(selector)) return ok({ selector, ports })
  const bracketed = /^\[([0-9a-fA-F:.]+)\](\/[0-9]+)?$/.exec(selector)
  const address = bracketed?.[1] ?? ''
  if (!address.includes(':') || parseAddress(address) === undefined) return fail(`"${selector}": only an IPv6 address stands in brackets.`)
  return ok({ selector: `${address}${bracketed?.[2] ?? ''}`, ports })
}

/** A protocol by name, in any case, or by number. */
export function parseProtocol(text: string): Result<number, string> {
  const named = protocols.get(text.toLowerCase())
  if (named !== undefined) return ok(named)
  if (/^[1-9][0-9]{0,2}$/.test(text) && Number(text) <= 255) return ok(Number(text))
  return fail(`"${text}" is not a protocol: use a name such as tcp, udp or icmp, or a number from 1 to 255.`)
}

/** Reads `*`, `22`, `80-443` or a list of these. */
export function parsePorts(text: string): Result<readonly PortRange[], string> {
  if (text === '*') return ok([allPorts])
  const ranges: PortRange[] = []
  for (const part of text.split(',')) {
    const match = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(part.trim())
    if (match === null) return fail(`"${part}" is not a port: write a number, a range such as 80-443, or "*".`)
    const first = Number(match[1])
    const last = match[2] === undefined ? first : Number(match[2])
    if (last > 65535) return fail(`"${part}": the highest port is 65535.`)
    if (first > last) return fail(`"${part}": the first port is above the last.`)
    if (match[2] === undefined && first === 0) return fail('Port range "0": the first port must be above 0; "*" means all.')
    ranges.push({ first, last })
  }
  return ok(ranges)
}

/** The first name of each. */
const protocolNames: ReadonlyMap<number, string> = new Map([...protocols].toReversed().map(([name, number]) => [number, name]))

/** One text for an entry, in the form that `parseIpEntry` reads. */
export function formatIpEntry({ ports, protocol }: IpEntry): string {
  const isAll = ports.some(({ first, last }) => first === allPorts.first && last === allPorts.last)
  const text = isAll ? '*' : ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(',')
  return protocol === undefined ? text : `${protocolNames.get(protocol) ?? protocol}:${text}`
}
