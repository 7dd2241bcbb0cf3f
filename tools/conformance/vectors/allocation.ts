import { z } from 'zod'
import { formatAddrPort } from '../../../lib/addr-port.ts'
import { toHex } from '../../../lib/bytes.ts'
import { decodeDisco, encodeDisco, openDisco, sealDisco, sharedKey, type DiscoMessage } from '../../../protocol/disco/index.ts'
import { attempt, bytes, holds, same, type Case } from '../case.ts'
import { endpointSchema, readEndpoint } from './disco-fields.ts'

const pair = z.object({ private: z.string(), public: z.string() })
const schema = z.object({
  keys: z.object({ clientA: pair, clientB: pair, relayNodeDisco: pair, relayServerDisco: pair }),
  allocations: z.array(z.object({
    endpoint: endpointSchema,
    generation: z.number(),
    addrPortsAsRead: z.array(z.string()),
    request: z.object({ plaintext: z.string(), sealedByClientAForRelay: z.string() }),
    response: z.object({ plaintext: z.string(), sealedByRelayForClientA: z.string() }),
    callMeMaybeVia: z.object({ plaintext: z.string(), sealedByClientAForClientB: z.string() }),
  })),
  odd: z.array(z.object({ hex: z.string(), note: z.string() })),
})
type Pair = z.infer<typeof pair>

/** Opened by the receiver, sealed again with the recorded nonce, and encoded anew. */
function messageCases(name: string, plaintext: string, sealed: string, from: Pair, to: Pair, message: DiscoMessage): Case[] {
  const packet = bytes(sealed)
  return [
    attempt(name, () => same(`${name} encodes`, toHex(encodeDisco(message)), plaintext)),
    attempt(name, () => {
      const opened = openDisco(sharedKey(bytes(to.private), bytes(from.public)) ?? new Uint8Array(32), packet)
      return same(`${name} opens`, opened.ok ? toHex(opened.value) : opened.reason, plaintext)
    }),
    attempt(name, () => {
      const shared = sharedKey(bytes(from.private), bytes(to.public)) ?? new Uint8Array(32)
      return same(`${name} seals`, toHex(sealDisco(bytes(from.public), shared, packet.slice(38, 62), bytes(plaintext))), sealed)
    }),
  ]
}

export function allocationCases(file: unknown): Case[] {
  const { keys, allocations, odd } = schema.parse(file)
  const { clientA, clientB, relayNodeDisco } = keys
  return [
    ...allocations.flatMap(({ endpoint, generation, addrPortsAsRead, request, response, callMeMaybeVia }, i) => {
      const value = readEndpoint(endpoint)
      const [a, b] = value.clientDisco
      return [
        ...messageCases(`request ${i}`, request.plaintext, request.sealedByClientAForRelay, clientA, relayNodeDisco,
          { type: 'allocate-request', clientDisco: [a, b], generation }),
        ...messageCases(`response ${i}`, response.plaintext, response.sealedByRelayForClientA, relayNodeDisco, clientA,
          { type: 'allocate-response', generation, endpoint: value }),
        ...messageCases(`call-me-maybe-via ${i}`, callMeMaybeVia.plaintext, callMeMaybeVia.sealedByClientAForClientB, clientA, clientB,
          { type: 'call-me-maybe-via', endpoint: value }),
        attempt(`addresses ${i}`, () => {
          const read = decodeDisco(bytes(response.plaintext))
          const addresses = read.ok && read.value.type === 'allocate-response' ? read.value.endpoint.addrPorts.map(formatAddrPort) : []
          return same(`addresses ${i} read back`, addresses.join(' '), addrPortsAsRead.join(' '))
        }),
      ]
    }),
    ...odd.map(({ hex, note }) => attempt(note, () => holds(`odd: ${note}`, !decodeDisco(bytes(hex)).ok, 'it was read'))),
  ]
}
