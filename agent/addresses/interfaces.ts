import type { NetworkInterfaceInfo } from 'node:os'
import { canonicalIp } from '../../lib/addr-port.ts'

/** IPs of a private network that only its own members reach: link-local, and the ranges that overlay networks give out. */
function isUseless(ip: string): boolean {
  if (/^(?:169\.254\.|0\.|fe[89ab][0-9a-f]:)/.test(ip) || ip.startsWith('fd7a:115c:a1e0:')) return true
  const shared = /^100\.(\d+)\./.exec(ip)
  return shared !== null && Number(shared[1]) >= 64 && Number(shared[1]) <= 127
}

export function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.')
}

/**
 * The machine's own addresses, canonical, IPv4 first. Loopback counts only where there is no other: peers on the same
 * machine can still use the relay then.
 */
export function interfaceIps(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  const all = Object.values(interfaces).flatMap((infos) => infos ?? [])
    .map((info) => canonicalIp(info.address))
    .filter((ip) => ip !== undefined)
    .filter((ip) => !isUseless(ip))
  const outside = all.filter((ip) => !isLoopback(ip))
  const chosen = [...new Set(outside.length > 0 ? outside : all)]
  return [...chosen.filter((ip) => !ip.includes(':')), ...chosen.filter((ip) => ip.includes(':'))]
}
