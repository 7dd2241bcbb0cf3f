import { addrPortBytes, decodeAddrPort, encodeAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { fail, ok } from '../../lib/result.ts'
import { putU32, putU64, u32, u64, type DiscoResult } from './wire.ts'

/**
 * UDPRelayEndpoint: `serverDisco(32) clientDisco(32)×2 lamportId(8) vni(4) bindLifetime(8, ns)
 * steadyStateLifetime(8, ns)`, then n ≥ 1 × `addr(16) port(2)`.
 */
export interface RelayEndpoint {
  readonly serverDisco: Uint8Array
  /** Sorted bytewise ascending. */
  readonly clientDisco: readonly [Uint8Array, Uint8Array]
  readonly lamportId: bigint
  readonly vni: number
  readonly bindLifetimeNs: bigint
  readonly steadyStateLifetimeNs: bigint
  readonly addrPorts: readonly AddrPort[]
}

const fixedBytes = 124

/** The address list must be whole addresses, at least one. */
export function decodeRelayEndpoint(bytes: Uint8Array): DiscoResult<RelayEndpoint> {
  const list = bytes.length - fixedBytes
  if (list < addrPortBytes || list % addrPortBytes !== 0) return fail('short')
  const addrPorts: AddrPort[] = []
  for (let at = fixedBytes; at < bytes.length; at += addrPortBytes) addrPorts.push(decodeAddrPort(bytes, at))
  return ok({
    serverDisco: bytes.slice(0, 32),
    clientDisco: [bytes.slice(32, 64), bytes.slice(64, 96)],
    lamportId: u64(bytes, 96),
    vni: u32(bytes, 104),
    bindLifetimeNs: u64(bytes, 108),
    steadyStateLifetimeNs: u64(bytes, 116),
    addrPorts,
  })
}

export function relayEndpointBytes(endpoint: RelayEndpoint): number {
  return fixedBytes + endpoint.addrPorts.length * addrPortBytes
}

export function putRelayEndpoint(bytes: Uint8Array, at: number, endpoint: RelayEndpoint): void {
  bytes.set(endpoint.serverDisco, at)
  bytes.set(endpoint.clientDisco[0], at + 32)
  bytes.set(endpoint.clientDisco[1], at + 64)
  putU64(bytes, at + 96, endpoint.lamportId)
  putU32(bytes, at + 104, endpoint.vni)
  putU64(bytes, at + 108, endpoint.bindLifetimeNs)
  putU64(bytes, at + 116, endpoint.steadyStateLifetimeNs)
  for (const [i, a] of endpoint.addrPorts.entries()) bytes.set(encodeAddrPort(a), at + fixedBytes + i * addrPortBytes)
}

/** What a message of another version reads as: stock clients see all zeros (vectors, disco-messages). */
export function zeroRelayEndpoint(): RelayEndpoint {
  return {
    serverDisco: new Uint8Array(32),
    clientDisco: [new Uint8Array(32), new Uint8Array(32)],
    lamportId: 0n,
    vni: 0,
    bindLifetimeNs: 0n,
    steadyStateLifetimeNs: 0n,
    addrPorts: [],
  }
}
