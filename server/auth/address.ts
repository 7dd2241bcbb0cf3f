import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { StartError } from '../errors/index.ts'

/** Set by `stampRequest` on every request, over whatever the client sent: where it comes from. */
export const addressHeader = 'x-towpath-address'
/** Likewise: `1` where the browser speaks HTTPS. */
export const secureHeader = 'x-towpath-secure'
/** Likewise: what was asked for, so that a page can lead back to itself after sign-in. */
export const pathHeader = 'x-towpath-path'

export type TrustedProxies = (address: string) => boolean

/** Reads addresses and ranges (`10.0.0.0/8`) of reverse proxies whose forwarded headers count. Throws `StartError` on any other text. */
export function trustedProxies(texts: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', length, ...rest] = text.trim().split('/')
    const family = isIP(address)
    const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length)
    if (family === 0 || rest.length > 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) {
      throw new StartError(`"${text}" is not a proxy's address: write an IP address or a range such as 10.0.0.0/8`)
    }
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
  }
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}

/** IPv4 inside IPv6 (a dual-stack socket's view) as IPv4. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? address
}

function one(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(',') : (value ?? '')
}

/** The client's address: the socket's peer, or, behind trusted proxies, the last address in the chain that is not one of them. */
export function clientAddress(request: IncomingMessage, trusted: TrustedProxies): string {
  let address = plainAddress(request.socket.remoteAddress ?? '')
  const chain = one(request.headers['x-forwarded-for']).split(',').map((text) => plainAddress(text.trim())).filter((text) => isIP(text) !== 0)
  while (trusted(address)) {
    const before = chain.pop()
    if (before === undefined) break
    address = before
  }
  return address
}

/** Marks the request with its client's address and scheme and its own path, for all that sees only headers (sign-in, tRPC, pages). Call it first, on requests and upgrades. */
export function stampRequest(request: IncomingMessage, trusted: TrustedProxies): void {
  request.headers[addressHeader] = clientAddress(request, trusted)
  const isEncrypted = 'encrypted' in request.socket && request.socket.encrypted === true
  const forwarded = trusted(plainAddress(request.socket.remoteAddress ?? '')) && one(request.headers['x-forwarded-proto']).split(',')[0]?.trim() === 'https'
  request.headers[secureHeader] = isEncrypted || forwarded ? '1' : '0'
  request.headers[pathHeader] = request.url ?? '/'
}

const loopbackHost = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i

/** Whether a `Host` header names this machine by a loopback name or address. */
export function isLoopbackHost(host: string): boolean {
  return loopbackHost.test(host)
}

/** Whether what is typed into the page could be read on the way: plain HTTP to another machine. `publicUrl` is how the operator says it is reached. */
export function isPlainHttp(headers: Headers, publicUrl: string): boolean {
  const host = headers.get('host') ?? ''
  if (isLoopbackHost(host) || headers.get(secureHeader) === '1') return false
  return !(publicUrl.startsWith('https:') && URL.canParse(publicUrl) && new URL(publicUrl).host === host)
}
