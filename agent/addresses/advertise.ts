import { formatAddrPort, parseAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import type { RelayStatus } from '../../protocol/channel/index.ts'
import { isLoopback } from './interfaces.ts'

export type AddressSource = RelayStatus['addresses'][number]['source']

export interface AdvertisedAddress {
  readonly address: AddrPort
  readonly source: AddressSource
}

/** Most addresses told to clients: an allocation's response stays well below one DERP packet and one MTU. */
export const maxAdvertised = 32

export interface AddressInputs {
  /** The relay's bound port. */
  readonly port: number
  readonly ipv6: boolean
  /** `ip:port` texts from the relay's settings; one that does not read is left out. */
  readonly statics: readonly string[]
  readonly interfaces: readonly string[]
  /** What STUN servers saw of the relay's own socket. */
  readonly stun: readonly AddrPort[]
}

/** What clients are told to bind at: static endpoints first, then interfaces, then STUN; each once, at most `maxAdvertised`. */
export function advertise({ port, ipv6, statics, interfaces, stun }: AddressInputs): AdvertisedAddress[] {
  /** Bounded: cut to `maxAdvertised` below; its inputs are settings, interfaces and DERP regions. */
  const found = new Map<string, AdvertisedAddress>()
  const add = (address: AddrPort, source: AddressSource): void => {
    const text = formatAddrPort(address)
    if (address.port !== 0 && !found.has(text)) found.set(text, { address, source })
  }
  for (const text of statics) {
    const parsed = parseAddrPort(text)
    if (parsed.ok) add(parsed.value, 'static')
  }
  for (const ip of interfaces) if (ipv6 || !ip.includes(':')) add({ ip, port }, 'interface')
  // A server on this very machine sees loopback, which is of use to nobody else.
  for (const address of stun) if (!isLoopback(address.ip)) add(address, 'stun')
  return [...found.values()].slice(0, maxAdvertised)
}
