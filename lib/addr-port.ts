import { fail, ok, type Result } from './result.ts'

/** An address and a port. `ip` is canonical text: dotted IPv4, or IPv6 as RFC 5952 writes it; never v4-mapped, never with a zone. */
export interface AddrPort {
  readonly ip: string
  readonly port: number
}

/** Bytes of an address and a port on the wire: IPv6 or v4-mapped (16), port big-endian (2). */
export const addrPortBytes = 18

export type AddrPortError = 'bad-address' | 'bad-port'

const v4MappedPrefix = 12

function parseV4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!match) return undefined
  const bytes = new Uint8Array(4)
  for (let i = 0; i < 4; i++) {
    const part = match[i + 1] ?? ''
    // A leading zero reads as octal to some: refused, as netip does.
    if ((part.length > 1 && part.startsWith('0')) || Number(part) > 255) return undefined
    bytes[i] = Number(part)
  }
  return bytes
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = i === parts.length - 1 ? parseV4(part) : undefined
      if (!v4) return undefined
      groups.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0))
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
      groups.push(Number.parseInt(part, 16))
    }
  }
  return groups
}

function expandGroups(text: string): number[] | undefined {
  const halves = text.split('::')
  const left = parseGroups(halves[0] ?? '')
  if (!left || halves.length > 2) return undefined
  if (halves.length === 1) return left.length === 8 ? left : undefined
  const right = parseGroups(halves[1] ?? '')
  // "::" stands for at least one group; an embedded IPv4 may only come last.
  if (!right || (halves[0] ?? '').includes('.') || left.length + right.length > 7) return undefined
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

/** Address text → 16 bytes (IPv4 as v4-mapped), undefined when it is none. A zone is lost. */
export function encodeIp(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(16)
  const v4 = parseV4(text)
  if (v4) {
    bytes[10] = bytes[11] = 0xff
    bytes.set(v4, v4MappedPrefix)
    return bytes
  }
  const zone = text.indexOf('%')
  if (!text.includes(':') || zone === text.length - 1) return undefined
  const groups = expandGroups(zone < 0 ? text : text.slice(0, zone))
  if (!groups) return undefined
  for (const [i, group] of groups.entries()) {
    bytes[2 * i] = group >> 8
    bytes[2 * i + 1] = group & 0xff
  }
  return bytes
}

function isV4Mapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff
}

/** 16 bytes at `at` → canonical text; v4-mapped is unmapped. */
export function decodeIp(bytes: Uint8Array, at = 0): string {
  if (isV4Mapped(bytes, at)) {
    return `${bytes[at + 12]}.${bytes[at + 13]}.${bytes[at + 14]}.${bytes[at + 15]}`
  }
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[at + 2 * i] ?? 0) << 8) | (bytes[at + 2 * i + 1] ?? 0))
  // RFC 5952 section 4.2: the longest run of two or more zero groups is shortened, the first of equals.
  let best = { start: -1, length: 1 }
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && groups[end] === 0) end++
    if (end - i > best.length) best = { start: i, length: end - i }
    if (end > i) i = end
  }
  const hex = (from: number, to: number): string => groups.slice(from, to).map((g) => g.toString(16)).join(':')
  return best.start < 0 ? hex(0, 8) : `${hex(0, best.start)}::${hex(best.start + best.length, 8)}`
}

/** The canonical text of an address, undefined when `text` is none. */
export function canonicalIp(text: string): string | undefined {
  const bytes = encodeIp(text)
  return bytes && decodeIp(bytes)
}

/** What rate limits count by: an IPv4 address, or the /64 that one subscriber has of IPv6, however it is written; another text as it is. */
export function subscriberOf(ip: string): string {
  const bytes = ip.includes(':') ? encodeIp(ip) : undefined
  if (!bytes) return ip
  return isV4Mapped(bytes, 0) ? decodeIp(bytes) : `${decodeIp(bytes.fill(0, 8))}/64`
}

/** `192.0.2.1:40000` or `[2001:db8::1]:40000`. */
export function formatAddrPort(a: AddrPort): string {
  return a.ip.includes(':') ? `[${a.ip}]:${a.port}` : `${a.ip}:${a.port}`
}

/** Reads what `formatAddrPort` writes, and any other spelling of the address. */
export function parseAddrPort(text: string): Result<AddrPort, AddrPortError> {
  const match = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text)
  if (!match) return fail(/:\d{1,5}$/.test(text) ? 'bad-address' : 'bad-port')
  const port = Number(match[3])
  if (port > 65535) return fail('bad-port')
  const ip = canonicalIp(match[1] ?? match[2] ?? '')
  return ip === undefined ? fail('bad-address') : ok({ ip, port })
}

/** To the 18 bytes of the wire. Throws on an `ip` that is no address: such an `AddrPort` is a bug. */
export function encodeAddrPort(a: AddrPort): Uint8Array {
  const ip = encodeIp(a.ip)
  if (!ip) throw new TypeError(`not an address: ${a.ip}`)
  const bytes = new Uint8Array(addrPortBytes)
  bytes.set(ip)
  bytes[16] = a.port >> 8
  bytes[17] = a.port & 0xff
  return bytes
}

/** From the 18 bytes at `at`; the caller has checked that they are there. */
export function decodeAddrPort(bytes: Uint8Array, at = 0): AddrPort {
  return { ip: decodeIp(bytes, at), port: ((bytes[at + 16] ?? 0) << 8) | (bytes[at + 17] ?? 0) }
}

export function sameAddrPort(a: AddrPort, b: AddrPort): boolean {
  return a.port === b.port && a.ip === b.ip
}
