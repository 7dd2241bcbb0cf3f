import { formatAddrPort, sameAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { toHex } from '../../lib/bytes.ts'
import type { Millis, RandomBytes } from '../../lib/clock.ts'
import { decodeBindingResponse, encodeBindingRequest } from '../../protocol/stun/binding.ts'

/** Below the 30 s after which common NATs forget a UDP mapping: asking keeps it, too. */
const refreshMs = 25_000
const retryMs = 3000
/** Four refreshes in a row without an answer. */
const forgetMs = 100_000
export const maxStunServers = 16

interface Server {
  readonly address: AddrPort
  pending: string | undefined
  askAt: Millis
  mapped: AddrPort | undefined
  mappedAt: Millis
}

/** Asks STUN servers, from the relay's own socket, what address they see; without the socket: sends are returned. */
export class StunProber {
  /** Bounded: `maxStunServers`. */
  #servers: readonly Server[] = []
  readonly #random: RandomBytes

  constructor(random: RandomBytes) {
    this.#random = random
  }

  setServers(addresses: readonly AddrPort[]): void {
    this.#servers = addresses.slice(0, maxStunServers).map((address) =>
      this.#servers.find((known) => sameAddrPort(known.address, address))
      ?? { address, pending: undefined, askAt: 0, mapped: undefined, mappedAt: 0 })
  }

  /** The socket is another one: what was seen of the old says nothing. */
  reset(): void {
    this.#servers = this.#servers.map(({ address }) => ({ address, pending: undefined, askAt: 0, mapped: undefined, mappedAt: 0 }))
  }

  /** Requests that are due. */
  poll(now: Millis): { readonly to: AddrPort; readonly bytes: Uint8Array }[] {
    return this.#servers.filter((server) => now >= server.askAt).map((server) => {
      const transactionId = this.#random(12)
      server.pending = toHex(transactionId)
      server.askAt = now + (server.mapped ? refreshMs : retryMs)
      return { to: server.address, bytes: encodeBindingRequest({ transactionId }) }
    })
  }

  /** A STUN message from the relay's port; one that answers no request of ours changes nothing. */
  handle(bytes: Uint8Array, now: Millis): void {
    const response = decodeBindingResponse(bytes)
    if (!response.ok) return
    const id = toHex(response.value.transactionId)
    const server = this.#servers.find((candidate) => candidate.pending === id)
    if (!server) return
    server.pending = undefined
    server.askAt = now + refreshMs
    server.mapped = response.value.address
    server.mappedAt = now
  }

  /** Addresses seen lately, each once. */
  mapped(now: Millis): AddrPort[] {
    const seen = this.#servers.flatMap(({ mapped, mappedAt }) => (mapped && now - mappedAt < forgetMs ? [mapped] : []))
    return [...new Map(seen.map((address) => [formatAddrPort(address), address])).values()]
  }
}
