import type { AddrPort } from '../../lib/addr-port.ts'
import { concatBytes } from '../../lib/bytes.ts'
import type { RandomBytes } from '../../lib/clock.ts'
import {
  createSharedKeys, decodeDisco, discoSender, encodeDisco, looksLikeDisco, openDisco, sealDisco, type DiscoMessage, type KeyPair, type SharedKeys,
} from '../../protocol/disco/index.ts'
import { encodeGeneve, protocolDisco } from '../../protocol/geneve/index.ts'
import type { LegSend, RelayLeg } from './relay-leg.ts'

export interface Datagram {
  readonly to: AddrPort
  readonly bytes: Uint8Array
}

/** Disco messages as they lie on the wire: sealed with our disco key, bare or in a relay's Geneve. */
export class SealedDisco {
  readonly #own: KeyPair
  readonly #random: RandomBytes
  readonly #shared: SharedKeys

  /** `maxKeys`: shared keys that are remembered. */
  constructor(own: KeyPair, random: RandomBytes, maxKeys: number) {
    this.#own = own
    this.#random = random
    this.#shared = createSharedKeys(own.privateKey, maxKeys)
  }

  /** One packet, or none where there is no key to seal with. */
  seal(to: Uint8Array, message: DiscoMessage): Uint8Array[] {
    const shared = this.#shared(to)
    return shared ? [sealDisco(this.#own.publicKey, shared, this.#random(24), encodeDisco(message))] : []
  }

  open(packet: Uint8Array): DiscoMessage | 'not-disco' | 'not-opened' {
    if (!looksLikeDisco(packet)) return 'not-disco'
    const shared = this.#shared(discoSender(packet))
    const opened = shared && openDisco(shared, packet)
    const message = opened?.ok ? decodeDisco(opened.value) : undefined
    return message?.ok ? message.value : 'not-opened'
  }

  /** For the relay itself: its Bind and its Answer. */
  toRelay({ endpoint }: RelayLeg, { to, message }: LegSend): Datagram {
    const [sealed = new Uint8Array(0)] = this.seal(endpoint.serverDisco, message)
    return { to, bytes: concatBytes(encodeGeneve({ vni: endpoint.vni, control: true, protocol: protocolDisco }), sealed) }
  }

  /** For the other end: through a relay's VNI, or bare. */
  probe(other: Uint8Array, to: AddrPort, vni: number | undefined, message: DiscoMessage): Datagram[] {
    return this.seal(other, message).map((sealed) => ({
      to,
      bytes: vni === undefined ? sealed : concatBytes(encodeGeneve({ vni, control: false, protocol: protocolDisco }), sealed),
    }))
  }

  /** 32 bits, never 0. */
  generation(): number {
    const bytes = this.#random(4)
    return (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) || 1) >>> 0
  }
}
