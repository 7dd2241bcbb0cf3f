import type { AddrPort } from '../../lib/addr-port.ts'
import type { RelayEndpoint } from '../../protocol/disco/index.ts'
import { headerBytes } from '../../protocol/geneve/index.ts'
import type { NodeKey } from '../../protocol/keys.ts'
import { dataPacket, endpointOf, receive, type TestClient } from './client.ts'

const dataMs = 2000
const tickMs = 1000
/** Without a word of the other for so long: a new handshake, then a new allocation, each tried again each 3 s. */
const rebindMs = 6500
const askMs = 30_000
const retryMs = 3000
/** A network changes once in so long, on average. */
const roamMs = 900_000

export interface MemberOptions {
  readonly client: TestClient
  readonly other: TestClient
  readonly chance: () => number
  /** Of a pair, the one that may use the relay asks. */
  readonly isAsking: boolean
  readonly start: number
  readonly toRelay: (from: AddrPort, bytes: Uint8Array) => void
  readonly ask: () => void
}

export interface Member {
  readonly nodeKey: NodeKey
  readonly at: AddrPort
  readonly sent: number
  /** Packets of the other, each once. */
  readonly received: number
  readonly roamed: number
  /** Sends and asks nothing while true. */
  isQuiet: boolean
  begin(later: (ms: number, run: () => void) => void, now: () => number): void
  readResponse(bytes: Uint8Array): RelayEndpoint | undefined
  offer(endpoint: RelayEndpoint, now: number): void
  receive(bytes: Uint8Array, now: number): void
}

/** A client that keeps a path by the relay: binds, sends, and begins anew when it hears nothing. */
export function createMember({ client, other, chance, isAsking, start, toRelay, ask }: MemberOptions): Member {
  const { id } = client.node
  let roamed = 0
  let endpoint: RelayEndpoint | undefined
  let generation = 0
  let heardAt = start
  let askedAt = -Infinity
  let boundAt = -Infinity
  let sent = 0
  /** Bounded: what the other sends. */
  const received = new Set<number>()
  const addressNow = (): AddrPort => ({ ip: `10.${id}.${roamed >> 8}.${roamed & 255}`, port: 41_641 })
  let at = addressNow()

  function tick(now: number): void {
    if (chance() < tickMs / roamMs) {
      roamed++
      at = addressNow()
    }
    const silence = now - heardAt
    if (isAsking && (endpoint === undefined || silence > askMs) && now - askedAt > retryMs) {
      askedAt = now
      ask()
    }
    if (endpoint === undefined || silence <= rebindMs || now - boundAt <= retryMs) return
    boundAt = now
    toRelay(at, client.bind(endpoint, other, ++generation))
  }

  function sendData(): void {
    if (endpoint === undefined) return
    const payload = new Uint8Array(8)
    const view = new DataView(payload.buffer)
    view.setUint32(0, id)
    view.setUint32(4, ++sent)
    toRelay(at, dataPacket(endpoint.vni, payload))
  }

  const member: Member = {
    nodeKey: client.nodeKey,
    get at() { return at },
    get sent() { return sent },
    get received() { return received.size },
    get roamed() { return roamed },
    isQuiet: false,
    begin(later, now) {
      const repeat = (ms: number, run: () => void): void => later(ms * (0.8 + 0.4 * chance()), () => {
        if (!member.isQuiet) run()
        repeat(ms, run)
      })
      repeat(tickMs, () => tick(now()))
      repeat(dataMs, sendData)
    },
    readResponse(bytes) {
      const read = endpointOf(client, bytes)
      return read.ok ? read.value : undefined
    },
    offer(offered, now) {
      if (endpoint?.lamportId === offered.lamportId && endpoint.vni === offered.vni) return
      endpoint = offered
      // The handshake is due at once.
      heardAt = now - rebindMs
      boundAt = -Infinity
    },
    receive(bytes, now) {
      const got = receive(bytes)
      if (got.kind === 'control' && endpoint !== undefined) {
        const challenge = client.open(bytes.subarray(headerBytes))
        // One for another generation, or of an endpoint of before, is of a handshake that was given up.
        if (challenge.ok && challenge.value.type === 'bind-challenge' && challenge.value.generation === generation && challenge.value.vni === endpoint.vni) {
          toRelay(at, client.answer(endpoint, bytes))
        }
      } else if (got.kind === 'data') {
        const view = new DataView(got.payload.buffer, got.payload.byteOffset)
        if (view.getUint32(0) !== other.node.id) throw new Error(`${client.node.name} got a packet of ${view.getUint32(0)}`)
        received.add(view.getUint32(4))
        heardAt = now
      }
    },
  }
  return member
}
