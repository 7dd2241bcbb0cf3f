import { z } from 'zod'
import { toHex } from '../../../lib/bytes.ts'
import { createFrameParser } from '../../../protocol/derp/frame.ts'
import { openClientInfo, openServerInfo } from '../../../protocol/derp/info.ts'
import { decodeDerp, encodeDerp, type DerpMessage } from '../../../protocol/derp/message.ts'
import { beforeBox } from '../../../protocol/nacl-box.ts'
import { attempt, bytes, holds, same, type Case } from '../case.ts'

const pair = z.object({ private: z.string(), public: z.string() })
const fields = z.object({
  serverKey: z.string(), clientKey: z.string(), forClient: z.string(), json: z.string(), nonce: z.string(),
  destination: z.string(), from: z.string(), peer: z.string(), packet: z.string(), preferred: z.boolean(),
  reason: z.number(), addrPort: z.string(), flags: z.number(), data: z.string(), text: z.string(),
  reconnectInMs: z.number(), tryForMs: z.number(),
}).partial()
type Fields = z.infer<typeof fields>

const schema = z.object({
  keys: z.record(z.string(), pair),
  frames: z.array(z.object({ name: z.string(), hex: z.string(), fields })),
  session: z.object({ frames: z.array(z.object({ conn: z.string(), name: z.string(), hex: z.string() })) }),
})

function decode(hex: string): DerpMessage | string {
  const parsed = createFrameParser().push(bytes(hex))
  if (!parsed.ok) return parsed.reason
  const [frame] = parsed.value
  if (!frame || parsed.value.length !== 1) return `${parsed.value.length} frames`
  const message = decodeDerp(frame)
  return message.ok ? message.value : message.reason
}

/** Every field that was recorded and that a message of this kind has, as text. */
function read(message: DerpMessage, recorded: Fields): Partial<Record<keyof Fields, string>> {
  const members = new Map<string, unknown>(Object.entries(message))
  const renamed: Record<string, string> = { from: 'source', addrPort: 'address' }
  const result: Partial<Record<keyof Fields, string>> = {}
  for (const name of fields.keyof().options) {
    if (recorded[name] === undefined || name === 'json' || name === 'forClient') continue
    const value = members.get(renamed[name] ?? name)
    result[name] = value instanceof Uint8Array ? toHex(value) : typeof value === 'object' && value !== null && 'ip' in value && 'port' in value
      ? `${String(value.ip).includes(':') ? `[${value.ip}]` : value.ip}:${value.port}` : String(value)
  }
  return result
}

function recordedTexts(recorded: Fields): Partial<Record<keyof Fields, string>> {
  return Object.fromEntries(Object.entries(recorded).filter(([name]) => name !== 'json' && name !== 'forClient').map(([name, value]) => [name, String(value)]))
}

export function derpCases(file: unknown): Case[] {
  const { keys, frames, session } = schema.parse(file)
  const server = Object.values(keys).find((each) => each.public === frames.find((frame) => frame.fields.serverKey)?.fields.serverKey)
  const privateOf = (publicKey: string | undefined): string | undefined => Object.values(keys).find((each) => each.public === publicKey)?.private
  /** The JSON inside a box, compared by the members that we read. */
  const infoCase = (name: string, message: DerpMessage, recorded: Fields): Case[] => {
    if (recorded.json === undefined || !server || (message.kind !== 'client-info' && message.kind !== 'server-info')) return []
    const { json } = recorded
    return [attempt(name, () => {
      const client = privateOf(recorded.clientKey ?? recorded.forClient)
      const shared = beforeBox(bytes(client ?? ''), bytes(server.public))
      if (!shared.ok) throw new Error(shared.reason)
      const opened = message.kind === 'client-info' ? openClientInfo(shared.value, message) : openServerInfo(shared.value, message)
      if (!opened.ok) return holds(`${name} opens`, false, opened.reason)
      const wanted = z.record(z.string(), z.unknown()).parse(JSON.parse(json))
      const differing = Object.entries(opened.value).filter(([key, value]) => value !== (wanted[key] ?? (value === false ? false : undefined)))
      return holds(`${name} opens`, differing.length === 0, `differs in ${differing.map(([key]) => key).join(', ')}`)
    })]
  }
  return [
    ...frames.flatMap(({ name, hex, fields: recorded }, i) => {
      const message = decode(hex)
      if (name === '') return [holds(`frame ${i}: an unknown type is skipped`, message === 'unknown-type', 'it was not')]
      const label = `frame ${i} ${name}`
      if (typeof message === 'string') return [holds(label, false, message)]
      const { note: _, ...texts } = { note: '', ...recordedTexts(recorded) }
      return [
        same(`${label} reads`, sortedText(read(message, recorded)), sortedText(texts)),
        attempt(label, () => {
          const encoded = toHex(encodeDerp(message))
          // Bytes for the future are not written back.
          return name === 'ServerKey' ? holds(`${label} encodes`, hex.slice(10).startsWith(encoded.slice(10)), 'differs') : same(`${label} encodes`, encoded, hex)
        }),
        ...infoCase(label, message, recorded),
      ]
    }),
    ...session.frames.map(({ conn, name, hex }, i) => attempt(`session ${i}`, () => {
      const message = decode(hex)
      const label = `session frame ${i} (${conn}) ${name}`
      return typeof message === 'string' ? holds(label, false, message) : same(label, toHex(encodeDerp(message)), hex)
    })),
  ]
}

function sortedText(value: object): string {
  return JSON.stringify(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b)))
}
