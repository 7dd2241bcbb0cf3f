import { formatAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { equalBytes, toHex } from '../../lib/bytes.ts'
import type { Millis } from '../../lib/clock.ts'
import type { BindFields, DiscoMessage, RelayEndpoint } from '../../protocol/disco/index.ts'
import type { Route } from './path.ts'

/** A Bind that led nowhere is sent again after 1 s, 2 s, and so on, jittered: packets get lost, and relays count handshakes per source. */
const retryMs = 1000
/** A client's budget for the handshake (spec section 4). */
const budgetMs = 30_000
/** Addresses of one relay that are tried. */
const maxAddresses = 32

export interface LegSend {
  readonly to: AddrPort
  readonly message: Extract<DiscoMessage, { type: 'bind' | 'bind-answer' }>
}

/** This peer's leg of one relay endpoint: the three-way bind, without sockets. */
export class RelayLeg {
  readonly endpoint: RelayEndpoint
  readonly #other: Uint8Array
  readonly #generation: number
  readonly #startedAt: Millis
  readonly #jitter: number
  #bindAt: Millis = -Infinity
  #binds = 0
  /** Where the first valid challenge came from; the others are slower. */
  address: AddrPort | undefined
  /** A Pong came through it. */
  proven = false

  /** `generation`: random, not 0. */
  constructor(endpoint: RelayEndpoint, other: Uint8Array, generation: number, now: Millis) {
    this.#jitter = 0.75 + (generation % 256) / 512
    this.endpoint = endpoint
    this.#other = other
    this.#generation = generation
    this.#startedAt = now
  }

  isFor(endpoint: RelayEndpoint): boolean {
    return this.endpoint.vni === endpoint.vni && this.endpoint.lamportId === endpoint.lamportId
  }

  hasExpired(now: Millis): boolean {
    return !this.proven && now - this.#startedAt >= budgetMs
  }

  /** Binds that are due. */
  tick(now: Millis): LegSend[] {
    if (this.proven || now < this.#bindAt) return []
    this.#binds++
    this.#bindAt = now + retryMs * this.#binds * this.#jitter
    this.address = undefined
    const message = { type: 'bind' as const, ...this.#fields(new Uint8Array(32)) }
    return this.endpoint.addrPorts.slice(0, maxAddresses).map((to) => ({ to, message }))
  }

  /** The Answer to a challenge that is for this leg and the first. */
  challenged(from: AddrPort, challenge: BindFields): LegSend | undefined {
    const { vni, generation, remoteDisco } = challenge
    if (this.address || vni !== this.endpoint.vni || generation !== this.#generation || !equalBytes(remoteDisco, this.#other)) return undefined
    this.address = from
    return { to: from, message: { type: 'bind-answer', ...this.#fields(challenge.challenge) } }
  }

  #fields(challenge: Uint8Array): BindFields {
    return { vni: this.endpoint.vni, generation: this.#generation, remoteDisco: this.#other, challenge }
  }
}

/** Names the way through a relay's address. */
export function relayRoute(address: AddrPort, vni: number): Route {
  return { kind: 'relay', key: `${formatAddrPort(address)}#${vni}` }
}

export function serverName(endpoint: RelayEndpoint): string {
  return toHex(endpoint.serverDisco)
}
