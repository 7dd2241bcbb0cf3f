import { z } from 'zod'
import { formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'
import { toHex } from '../../../lib/bytes.ts'
import { decodeBindingRequest, decodeBindingResponse, encodeBindingRequest, encodeBindingResponse } from '../../../protocol/stun/binding.ts'
import { isStun } from '../../../protocol/stun/message.ts'
import { attempt, bytes, holds, same, stricter, type Case } from '../case.ts'

const schema = z.object({
  requests: z.array(z.object({ packet: z.string(), txId: z.string() })),
  responses: z.array(z.object({ packet: z.string(), txId: z.string(), addrPort: z.string() })),
  odd: z.array(z.object({ packet: z.string(), note: z.string(), is: z.boolean(), asRequest: z.string(), asResponse: z.string() })),
})

export function stunCases(file: unknown): Case[] {
  const { requests, responses, odd } = schema.parse(file)
  return [
    ...requests.flatMap(({ packet, txId }) => [
      attempt(txId, () => same(`request ${txId} encodes`, toHex(encodeBindingRequest({ transactionId: bytes(txId) })), packet)),
      attempt(txId, () => {
        const read = decodeBindingRequest(bytes(packet))
        return same(`request ${txId} reads`, read.ok ? toHex(read.value.transactionId) : read.reason, txId)
      }),
    ]),
    ...responses.flatMap(({ packet, txId, addrPort }) => [
      attempt(addrPort, () => {
        const address = parseAddrPort(addrPort)
        if (!address.ok) throw new Error(address.reason)
        return same(`response ${addrPort} encodes`, toHex(encodeBindingResponse({ transactionId: bytes(txId), address: address.value })), packet)
      }),
      attempt(addrPort, () => {
        const read = decodeBindingResponse(bytes(packet))
        return same(`response ${addrPort} reads`, read.ok ? `${toHex(read.value.transactionId)} ${formatAddrPort(read.value.address)}` : read.reason, `${txId} ${addrPort}`)
      }),
    ]),
    ...odd.flatMap(({ packet, note, is, asRequest }) => [
      attempt(note, () => holds(`is STUN: ${note}`, isStun(bytes(packet)) === is, `recorded ${is}`)),
      attempt(note, () => {
        const read = decodeBindingRequest(bytes(packet))
        // The stock server wants its own SOFTWARE; ours answers any client.
        if (read.ok && asRequest.includes('software')) return stricter(`as a request: ${note}`, 'accepted here, whatever the SOFTWARE')
        return holds(`as a request: ${note}`, !read.ok, 'it was read')
      }),
      attempt(note, () => holds(`as a response: ${note}`, !decodeBindingResponse(bytes(packet)).ok, 'it was read')),
    ]),
  ]
}
