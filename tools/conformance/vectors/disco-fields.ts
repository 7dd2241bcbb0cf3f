import { z } from 'zod'
import { formatAddrPort, parseAddrPort, type AddrPort } from '../../../lib/addr-port.ts'
import { toHex } from '../../../lib/bytes.ts'
import type { DiscoMessage, RelayEndpoint } from '../../../protocol/disco/index.ts'
import { bytes, plain } from '../case.ts'

const key = z.string()
const endpoint = {
  serverDisco: key,
  clientDisco: z.tuple([key, key]),
  lamportId: z.string(),
  vni: z.number(),
  bindLifetimeNs: z.string(),
  steadyStateLifetimeNs: z.string(),
  addrPorts: z.array(z.string()),
}
const bind = { vni: z.number(), generation: z.number(), remoteKey: key, challenge: key }

/** The fields of a recorded message, under the names that the vectors give them. */
export const fieldsSchema = z.discriminatedUnion('message', [
  z.object({ message: z.literal('Ping'), txId: z.string(), nodeKey: z.string().nullable(), padding: z.number() }),
  z.object({ message: z.literal('Pong'), txId: z.string(), src: z.string() }),
  z.object({ message: z.literal('CallMeMaybe'), addrPorts: z.array(z.string()) }),
  z.object({ message: z.literal('BindUDPRelayEndpoint'), ...bind }),
  z.object({ message: z.literal('BindUDPRelayEndpointChallenge'), ...bind }),
  z.object({ message: z.literal('BindUDPRelayEndpointAnswer'), ...bind }),
  z.object({ message: z.literal('CallMeMaybeVia'), ...endpoint }),
  z.object({ message: z.literal('AllocateUDPRelayEndpointRequest'), clientDisco: z.tuple([key, key]), generation: z.number() }),
  z.object({ message: z.literal('AllocateUDPRelayEndpointResponse'), generation: z.number(), ...endpoint }),
])
export type RecordedFields = z.infer<typeof fieldsSchema>

function addrPort(text: string): AddrPort {
  const parsed = parseAddrPort(text)
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`)
  return parsed.value
}

export function readEndpoint(recorded: z.infer<z.ZodObject<typeof endpoint>>): RelayEndpoint {
  return {
    serverDisco: bytes(recorded.serverDisco),
    clientDisco: [bytes(recorded.clientDisco[0]), bytes(recorded.clientDisco[1])],
    lamportId: BigInt(recorded.lamportId),
    vni: recorded.vni,
    bindLifetimeNs: BigInt(recorded.bindLifetimeNs),
    steadyStateLifetimeNs: BigInt(recorded.steadyStateLifetimeNs),
    addrPorts: recorded.addrPorts.map(addrPort),
  }
}
export const endpointSchema = z.object(endpoint)

const bindTypes = {
  BindUDPRelayEndpoint: 'bind', BindUDPRelayEndpointChallenge: 'bind-challenge', BindUDPRelayEndpointAnswer: 'bind-answer',
} as const

/** Our value of what was recorded. */
export function messageOf(fields: RecordedFields): DiscoMessage {
  switch (fields.message) {
    case 'Ping':
      return {
        type: 'ping', txId: bytes(fields.txId), padding: fields.padding,
        ...(fields.nodeKey !== null && { nodeKey: bytes(fields.nodeKey) }),
      }
    case 'Pong': return { type: 'pong', txId: bytes(fields.txId), src: addrPort(fields.src) }
    case 'CallMeMaybe': return { type: 'call-me-maybe', addrPorts: fields.addrPorts.map(addrPort) }
    case 'BindUDPRelayEndpoint':
    case 'BindUDPRelayEndpointChallenge':
    case 'BindUDPRelayEndpointAnswer':
      return {
        type: bindTypes[fields.message], vni: fields.vni, generation: fields.generation,
        remoteDisco: bytes(fields.remoteKey), challenge: bytes(fields.challenge),
      }
    case 'CallMeMaybeVia': return { type: 'call-me-maybe-via', endpoint: readEndpoint(fields) }
    case 'AllocateUDPRelayEndpointRequest':
      return { type: 'allocate-request', clientDisco: [bytes(fields.clientDisco[0]), bytes(fields.clientDisco[1])], generation: fields.generation }
    case 'AllocateUDPRelayEndpointResponse':
      return { type: 'allocate-response', generation: fields.generation, endpoint: readEndpoint(fields) }
  }
}

/** One text of a message, whatever the order of its members. */
export function messageText(message: DiscoMessage): string {
  return plain(Object.entries(message).toSorted(([a], [b]) => a.localeCompare(b)).map(([name, value]) => [
    name, value instanceof Uint8Array ? toHex(value) : isAddrPort(value) ? formatAddrPort(value) : value,
  ]))
}

function isAddrPort(value: unknown): value is AddrPort {
  return typeof value === 'object' && value !== null && 'ip' in value && 'port' in value
}
