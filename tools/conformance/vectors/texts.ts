import { z } from 'zod'
import { decodeAddrPort, encodeAddrPort, formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'
import { compareBytes, toHex } from '../../../lib/bytes.ts'
import { boxPublicKey } from '../../../protocol/nacl-box.ts'
import { formatKey, parseKey } from '../../../protocol/keys.ts'
import { attempt, bytes, holds, same, type Case } from '../case.ts'

const netipSchema = z.object({ addrPorts: z.array(z.object({ text: z.string(), wire: z.string(), asRead: z.string() })) })

export function netipCases(file: unknown): Case[] {
  return netipSchema.parse(file).addrPorts.flatMap(({ text, wire, asRead }) => [
    attempt(text, () => {
      const parsed = parseAddrPort(text)
      return same(`${text} to the wire`, parsed.ok ? toHex(encodeAddrPort(parsed.value)) : parsed.reason, wire)
    }),
    attempt(text, () => same(`${text} from the wire`, formatAddrPort(decodeAddrPort(bytes(wire))), asRead)),
  ])
}

const keysSchema = z.object({
  keys: z.array(z.object({
    privateRaw: z.string(), publicRaw: z.string(),
    machine: z.object({ public: z.string() }), node: z.object({ public: z.string() }), disco: z.object({ public: z.string() }),
  })),
  zero: z.object({ machine: z.string(), node: z.string(), disco: z.string() }),
  parse: z.array(z.object({ text: z.string(), raw: z.string().optional() })),
  sortedPair: z.object({ in: z.array(z.string()), out: z.array(z.string()) }),
})

export function keyCases(file: unknown): Case[] {
  const { keys, zero, parse, sortedPair } = keysSchema.parse(file)
  const none = '0'.repeat(64)
  const texts = (raw: string, kinds: { machine: string; node: string; disco: string }): Case[] => [
    attempt(raw, () => same(`machine key ${raw.slice(0, 8)}`, formatKey('mkey', bytes(raw)), kinds.machine)),
    attempt(raw, () => same(`node key ${raw.slice(0, 8)}`, formatKey('nodekey', bytes(raw)), kinds.node)),
    attempt(raw, () => same(`disco key ${raw.slice(0, 8)}`, formatKey('discokey', bytes(raw)), kinds.disco)),
  ]
  return [
    ...keys.flatMap(({ privateRaw, publicRaw, machine, node, disco }) => [
      attempt(publicRaw, () => same(`public key of ${privateRaw.slice(0, 8)}`, toHex(boxPublicKey(bytes(privateRaw))), publicRaw)),
      ...texts(publicRaw, { machine: machine.public, node: node.public, disco: disco.public }),
    ]),
    ...texts(none, zero),
    ...parse.map(({ text, raw }) => attempt(text, () => {
      const read = parseKey('nodekey', text)
      const name = `read "${text}"`
      return raw === undefined ? holds(name, !read.ok, 'it was read') : same(name, read.ok ? toHex(read.value) : read.reason, raw)
    })),
    attempt('sorted pair', () => same('sorted pair', sortedPair.in.map(bytes).toSorted(compareBytes).map(toHex).join(' '), sortedPair.out.join(' '))),
  ]
}
