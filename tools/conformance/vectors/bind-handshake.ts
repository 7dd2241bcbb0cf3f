import { z } from 'zod'
import { parseAddrPort, type AddrPort } from '../../../lib/addr-port.ts'
import { concatBytes, toHex } from '../../../lib/bytes.ts'
import { createRelay, defaultLimits, type RelayNode } from '../../../agent/relay/index.ts'
import { formatKey } from '../../../protocol/keys.ts'
import { attempt, bytes, plain, same, stricter, type Case } from '../case.ts'

const pair = z.object({ private: z.string(), public: z.string() })
const sessionSchema = z.object({
  clientA: pair, clientB: pair, stranger: pair, serverDisco: pair,
  macSecrets: z.array(z.string()).min(1),
  relayAddr: z.string(),
  endpoints: z.array(z.object({ vni: z.number(), lamportId: z.string(), clientDisco: z.tuple([z.string(), z.string()]) })),
  steps: z.array(z.object({
    step: z.number(), note: z.string(), fromAddr: z.string(), packet: z.string(),
    out: z.array(z.object({ toAddr: z.string(), packet: z.string() })),
  })),
})
type Session = z.infer<typeof sessionSchema>

function address(text: string): AddrPort {
  const parsed = parseAddrPort(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`)
  return parsed.value
}

/** The relay as it stood when the conversation began: its keys, its MAC secret, its endpoints, nobody bound. */
function relayOf(session: Session, nonce: () => Uint8Array) {
  const { clientA, clientB, stranger, serverDisco, macSecrets, endpoints } = session
  const discoKey = (hex: string) => formatKey('discokey', bytes(hex))
  const nodes: RelayNode[] = [clientA, clientB, stranger].map((keys, i) => ({
    id: i + 1, name: `client ${i + 1}`, nodeKey: formatKey('nodekey', bytes(keys.public)), discoKey: discoKey(keys.public),
  }))
  const leg = (hex: string) => {
    const node = nodes.find((known) => known.discoKey === discoKey(hex))
    return { disco: hex, id: node?.id ?? 0, name: node?.name ?? '' }
  }
  return createRelay({
    randomBytes: (length) => (length === 24 ? nonce() : new Uint8Array(length)),
    now: 0,
    config: {
      enabled: true, nodes, mayAllocate: nodes.map((node) => node.id), addresses: [address(session.relayAddr)],
      limits: { ...defaultLimits, handshakesPerSourcePerSecond: 1000 },
    },
    saved: {
      version: 1,
      serverDisco: serverDisco.private,
      nodeDisco: serverDisco.private,
      macSecrets: macSecrets.slice(0, 1),
      rotatedAt: 0,
      nextVni: 3,
      lamportId: '2',
      allocations: endpoints.map((endpoint) => ({
        vni: endpoint.vni, lamportId: endpoint.lamportId, createdAt: 0,
        legs: [leg(endpoint.clientDisco[0]), leg(endpoint.clientDisco[1])],
      })),
    },
  })
}

/** Data with another version, with options or of another protocol: dropped here, forwarded by a stock relay. */
function isOddData(packet: Uint8Array): boolean {
  const [first = 0, second = 0, high = 0, low = 0] = packet
  return packet.length >= 8 && (second & 0x80) === 0 && (first !== 0 || high !== 0x7a || (low !== 0x11 && low !== 0x12))
}

function sessionCases(session: Session, name: string): Case[] {
  let replyNonce = new Uint8Array(24)
  const relay = relayOf(session, () => replyNonce)
  return session.steps.map(({ step, note, fromAddr, packet, out }) => attempt(`${name} step ${step}`, () => {
    const input = bytes(packet)
    // A reply's nonce lies behind Geneve, magic and sender: with it, replies are the same to the byte.
    replyNonce = Uint8Array.from(bytes(out[0]?.packet ?? '').subarray(46, 70))
    const now = step * 10
    const to = relay.handleDatagram(address(fromAddr), input, now)
    const got = to ? [{ to, packet: toHex(input) }] : []
    for (let command = relay.nextCommand(); command; command = relay.nextCommand()) {
      if (command.type === 'sendControl') got.push({ to: command.to, packet: toHex(concatBytes(command.bytes)) })
    }
    const label = `${name} step ${step}: ${note}`
    if (out.length > 0 && got.length === 0 && isOddData(input)) return stricter(label, 'dropped and counted here')
    return same(label, plain(got), plain(out.map((each) => ({ to: address(each.toAddr), packet: each.packet }))))
  }))
}

export function bindHandshakeCases(file: unknown): Case[] {
  const { sessions } = z.object({ sessions: z.array(sessionSchema) }).parse(file)
  return sessions.flatMap((session, i) => sessionCases(session, `session ${i + 1}`))
}
