import { z } from 'zod'
import { toHex } from '../../../lib/bytes.ts'
import { decodeDisco, encodeDisco, looksLikeDisco, openDisco, sealDisco, sharedKey } from '../../../protocol/disco/index.ts'
import { sealBox } from '../../../protocol/nacl-box.ts'
import { attempt, bytes, holds, same, type Case } from '../case.ts'
import { fieldsSchema, messageOf, messageText, type RecordedFields } from './disco-fields.ts'

const messagesSchema = z.object({
  messages: z.array(z.object({ fields: fieldsSchema, hex: z.string() })),
  odd: z.array(z.object({ hex: z.string(), note: z.string(), error: z.string().optional(), fields: fieldsSchema.optional() })),
})

/** What a message with these fields reads as: a Ping's padding, an address's spelling are already canonical in the vectors. */
function readsAs(name: string, hex: string, fields: RecordedFields): Case {
  const read = decodeDisco(bytes(hex))
  return read.ok ? same(name, messageText(read.value), messageText(messageOf(fields))) : holds(name, false, `refused: ${read.reason}`)
}

export function discoMessageCases(file: unknown): Case[] {
  const { messages, odd } = messagesSchema.parse(file)
  return [
    ...messages.flatMap(({ fields, hex }) => [
      attempt(`encode ${fields.message}`, () => same(`encode ${fields.message} ${hex.slice(0, 32)}`, toHex(encodeDisco(messageOf(fields))), hex)),
      attempt(`decode ${fields.message}`, () => readsAs(`decode ${fields.message} ${hex.slice(0, 32)}`, hex, fields)),
    ]),
    ...odd.map(({ hex, note, fields }) => attempt(`odd ${hex.slice(0, 4)}: ${note}`, () => {
      const name = `odd ${hex.slice(0, 4)}: ${note}`
      return fields ? readsAs(name, hex, fields) : holds(name, !decodeDisco(bytes(hex)).ok, 'it was read')
    })),
  ]
}

const pair = z.object({ private: z.string(), public: z.string() })
const sealedSchema = z.object({
  sender: pair, receiver: pair, stranger: pair, sharedKey: z.string(),
  opens: z.array(z.object({ message: z.string(), nonce: z.string(), plaintext: z.string(), box: z.string(), packet: z.string() })),
  fails: z.array(z.object({ note: z.string(), openedBy: z.enum(['receiver', 'stranger']), looksLikeDisco: z.boolean(), packet: z.string() })),
})

export function discoSealedCases(file: unknown): Case[] {
  const { sender, receiver, stranger, sharedKey: shared, opens, fails } = sealedSchema.parse(file)
  const between = (mine: string, theirs: Uint8Array): Uint8Array => sharedKey(bytes(mine), theirs) ?? new Uint8Array(32)
  return [
    attempt('shared key', () => same('shared key of sender and receiver', toHex(between(sender.private, bytes(receiver.public))), shared)),
    attempt('shared key back', () => same('shared key of receiver and sender', toHex(between(receiver.private, bytes(sender.public))), shared)),
    ...opens.flatMap(({ message, nonce, plaintext, box, packet }, i) => [
      attempt(`box ${i}`, () => same(`box ${i} ${message}`, toHex(sealBox(bytes(shared), bytes(nonce), bytes(plaintext))), box)),
      attempt(`seal ${i}`, () => same(`seal ${i} ${message}`, toHex(sealDisco(bytes(sender.public), bytes(shared), bytes(nonce), bytes(plaintext))), packet)),
      attempt(`open ${i}`, () => {
        const opened = openDisco(bytes(shared), bytes(packet))
        return same(`open ${i} ${message}`, opened.ok ? toHex(opened.value) : opened.reason, plaintext)
      }),
    ]),
    ...fails.flatMap(({ note, openedBy, looksLikeDisco: looks, packet }) => [
      attempt(note, () => holds(`looks like disco: ${note}`, looksLikeDisco(bytes(packet)) === looks, `recorded ${looks}`)),
      attempt(note, () => {
        const key = between(openedBy === 'receiver' ? receiver.private : stranger.private, bytes(packet).subarray(6, 38))
        return holds(`does not open: ${note}`, !openDisco(key, bytes(packet)).ok, 'it opened')
      }),
    ]),
  ]
}
