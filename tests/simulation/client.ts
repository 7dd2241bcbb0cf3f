import type { AddrPort } from '../../lib/addr-port.ts'
import { concatBytes } from '../../lib/bytes.ts'
import type { RandomBytes } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import {
  decodeDisco, discoSender, encodeDisco, keyPairFrom, openDisco, sealDisco, sharedKey, type DiscoMessage, type KeyPair, type RelayEndpoint,
} from '../../protocol/disco/index.ts'
import { encodeGeneve, headerBytes, protocolDisco, protocolWireGuard, readControl, readProtocol } from '../../protocol/geneve/index.ts'
import { formatKey, parseKey, type NodeKey } from '../../protocol/keys.ts'
import type { RelayNode } from '../../agent/relay/index.ts'

/** A client of the relay as bytes: makes and reads its packets, holds no state but its keys. */
export interface TestClient {
  readonly node: RelayNode
  readonly nodeKey: NodeKey
  readonly disco: KeyPair
  /** Sealed to anyone, e.g. an allocation request to the relay's node disco key. */
  seal(to: Uint8Array, message: DiscoMessage): Uint8Array
  open(packet: Uint8Array): Result<DiscoMessage>
  /** A request over DERP for the pair (this, other). */
  request(relayDiscoKey: string, other: TestClient, generation?: number): Uint8Array
  /** A handshake message, O set. */
  handshake(endpoint: RelayEndpoint, message: DiscoMessage, vni?: number): Uint8Array
  bind(endpoint: RelayEndpoint, other: TestClient, generation: number): Uint8Array
  /** The answer to a challenge as it came from the relay. */
  answer(endpoint: RelayEndpoint, challenge: Uint8Array): Uint8Array
  /** A disco message for the other client through the relay, O clear. */
  probe(endpoint: RelayEndpoint, other: TestClient, message: DiscoMessage): Uint8Array
}

export function createTestClient(id: number, name: string, random: RandomBytes): TestClient {
  const disco = keyPairFrom(random(32))
  const nodeKey = formatKey('nodekey', random(32))
  const shared = (to: Uint8Array): Uint8Array => sharedKey(disco.privateKey, to) ?? new Uint8Array(32)
  const seal = (to: Uint8Array, message: DiscoMessage): Uint8Array =>
    sealDisco(disco.publicKey, shared(to), random(24), encodeDisco(message))
  const open = (packet: Uint8Array): Result<DiscoMessage> => {
    const opened = openDisco(shared(discoSender(packet)), packet)
    return opened.ok ? decodeDisco(opened.value) : opened
  }
  const handshake = (endpoint: RelayEndpoint, message: DiscoMessage, vni = endpoint.vni): Uint8Array =>
    concatBytes(encodeGeneve({ vni, control: true, protocol: protocolDisco }), seal(endpoint.serverDisco, message))
  return {
    node: { id, name, nodeKey, discoKey: formatKey('discokey', disco.publicKey) },
    nodeKey,
    disco,
    seal,
    open,
    handshake,
    request(relayDiscoKey, other, generation = 1) {
      const relay = parseKey('discokey', relayDiscoKey)
      if (!relay.ok) throw new Error(relay.reason)
      return seal(relay.value, { type: 'allocate-request', clientDisco: [disco.publicKey, other.disco.publicKey], generation })
    },
    bind: (endpoint, other, generation) => handshake(endpoint, {
      type: 'bind', vni: endpoint.vni, generation, remoteDisco: other.disco.publicKey, challenge: new Uint8Array(32),
    }),
    answer(endpoint, challenge) {
      const message = open(challenge.subarray(headerBytes))
      if (!message.ok || message.value.type !== 'bind-challenge') throw new Error('not a challenge')
      return handshake(endpoint, { ...message.value, type: 'bind-answer' })
    },
    probe: (endpoint, other, message) =>
      concatBytes(encodeGeneve({ vni: endpoint.vni, control: false, protocol: protocolDisco }), seal(other.disco.publicKey, message)),
  }
}

/** A WireGuard-shaped packet through the relay. */
export function dataPacket(vni: number, payload: Uint8Array): Uint8Array {
  return concatBytes(encodeGeneve({ vni, control: false, protocol: protocolWireGuard }), payload)
}

export type Received =
  | { readonly kind: 'control'; readonly packet: Uint8Array }
  | { readonly kind: 'probe'; readonly packet: Uint8Array }
  | { readonly kind: 'data'; readonly payload: Uint8Array }

/** What a client makes of a datagram from the relay. */
export function receive(bytes: Uint8Array): Received {
  if (readControl(bytes)) return { kind: 'control', packet: bytes }
  if (readProtocol(bytes) === protocolDisco) return { kind: 'probe', packet: bytes.subarray(headerBytes) }
  return { kind: 'data', payload: bytes.subarray(headerBytes) }
}

/** The endpoint in a response as the relay sent it over DERP. */
export function endpointOf(client: TestClient, response: Uint8Array): Result<RelayEndpoint> {
  const message = client.open(response)
  if (!message.ok) return message
  return message.value.type === 'allocate-response' ? ok(message.value.endpoint) : fail('not a response')
}

/** Reproducible bytes: a test that fails names its seed. */
export function seededBytes(seed: number): RandomBytes {
  let state = seed >>> 0 || 1
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      bytes[i] = state >>> 11
    }
    return bytes
  }
}

export const address = (n: number): AddrPort => ({ ip: `192.0.2.${n}`, port: 40_000 + n })
