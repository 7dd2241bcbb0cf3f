import { decodeIp, encodeIp, type AddrPort } from '../../../lib/addr-port.ts'
import { linux, sizes } from './linux.ts'

/** `sockaddr_in6` of an address, IPv4 as v4-mapped; undefined when the text is no address or the port is nobody's. */
export function encodeSockaddr({ ip, port }: AddrPort): Uint8Array | undefined {
  const encoded = encodeIp(ip)
  if (!encoded || port === 0) return undefined
  return sockaddrOf(encoded, port)
}

/** All addresses of both families. */
export function anySockaddr(port: number): Uint8Array {
  return sockaddrOf(new Uint8Array(16), port)
}

function sockaddrOf(ip: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(sizes.sockaddrIn6)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, linux.AF_INET6, true)
  view.setUint16(2, port)
  bytes.set(ip, 8)
  return bytes
}

/** Canonical text, without the zone and flow of a `sockaddr_in6`. */
export function decodeSockaddr(bytes: Uint8Array, at = 0): AddrPort {
  return { ip: decodeIp(bytes, at + 8), port: ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0) }
}
