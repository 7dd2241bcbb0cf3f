import { z } from 'zod'
import { toHex } from '../../../lib/bytes.ts'
import type { Result } from '../../../lib/result.ts'
import {
  acceptInitiation, createEarlyReader, createNoiseClient, createRecordReader, createRecordSealer, encodeEarlyPayload, initiate, initiationErrorFrame, nobleCrypto,
} from '../../../protocol/noise/index.ts'
import { attempt, bytes, holds, same, type Case } from '../case.ts'

const pair = z.object({ private: z.string(), public: z.string() })
const session = { handshakeHash: z.string(), clientToServerKey: z.string(), serverToClientKey: z.string() }
const run = z.object({
  ...session, protocolVersion: z.number(), initiation: z.string(), response: z.string(),
  records: z.array(z.object({ dir: z.enum(['c2s', 's2c']), plaintext: z.string(), wire: z.string() })),
})
const schema = z.object({
  control: pair, machine: pair, clientEphemeral: pair, serverEphemeral: pair,
  dh: z.object({ es: z.string(), ss: z.string(), ee: z.string(), se: z.string() }),
  runs: z.array(run),
  badInitiations: z.array(z.object({ note: z.string(), initiation: z.string(), reply: z.string() })),
  early: z.object({ challengePublic: z.string(), json: z.string(), payload: z.string() }),
  http: z.object({ ...session, conversation: z.array(z.object({ dir: z.string(), bytes: z.string() })) }),
})
type Vectors = z.infer<typeof schema>
type Run = z.infer<typeof run>

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

const joined = (plains: readonly Uint8Array[]): string => plains.map(toHex).join('')

function handshake(vectors: Vectors, { initiation, response, protocolVersion, ...recorded }: Run, label: string): Case[] {
  const { control, machine, clientEphemeral, serverEphemeral } = vectors
  return [
    attempt(`${label}: server`, () => {
      const accepted = must(acceptInitiation(bytes(initiation), { privateKey: bytes(control.private), publicKey: bytes(control.public) }, bytes(serverEphemeral.private)))
      const { session: made } = accepted
      const got = [accepted.version, toHex(accepted.machineKey), toHex(accepted.response), toHex(made.handshakeHash), toHex(made.receiveKey), toHex(made.sendKey)]
      return same(`${label}: server`, got.join(' '), [protocolVersion, machine.public, response, recorded.handshakeHash, recorded.clientToServerKey, recorded.serverToClientKey].join(' '))
    }),
    attempt(`${label}: client`, () => {
      const keys = { machine: bytes(machine.private), server: bytes(control.public), ephemeral: bytes(clientEphemeral.private) }
      const initiated = must(initiate(protocolVersion, keys))
      const made = must(initiated.finish(bytes(response)))
      const got = [toHex(initiated.initiation), toHex(made.handshakeHash), toHex(made.sendKey), toHex(made.receiveKey)]
      return same(`${label}: client`, got.join(' '), [initiation, recorded.handshakeHash, recorded.clientToServerKey, recorded.serverToClientKey].join(' '))
    }),
  ]
}

function records({ clientToServerKey, serverToClientKey, records: recorded }: Run, label: string): Case[] {
  const keys = { c2s: bytes(clientToServerKey), s2c: bytes(serverToClientKey) }
  const sealers = { c2s: createRecordSealer(keys.c2s), s2c: createRecordSealer(keys.s2c) }
  const readers = { c2s: createRecordReader(keys.c2s), s2c: createRecordReader(keys.s2c) }
  return recorded.flatMap(({ dir, plaintext, wire }, i) => [
    attempt(`${label}: record ${i} sealed`, () => same(`${label}: record ${i} sealed`, toHex(must(sealers[dir](bytes(plaintext)))), wire)),
    attempt(`${label}: record ${i} opened`, () => same(`${label}: record ${i} opened`, joined(must(readers[dir](bytes(wire)))), plaintext)),
  ])
}

function bad({ control, serverEphemeral }: Vectors, { note, initiation, reply }: Vectors['badInitiations'][number]): Case {
  const name = `refused: ${note}`
  return attempt(name, () => {
    const accepted = acceptInitiation(bytes(initiation), { privateKey: bytes(control.private), publicKey: bytes(control.public) }, bytes(serverEphemeral.private))
    if (accepted.ok) return holds(name, false, 'it was accepted')
    return same(name, toHex(initiationErrorFrame(accepted.reason) ?? new Uint8Array()), reply)
  })
}

/** The recorded upgrade, from its HTTP on: what the client says with these keys, and what it reads of the server's answer. */
function upgrade({ http, machine, control, clientEphemeral, runs, early }: Vectors): Case[] {
  const name = 'the recorded upgrade'
  return [attempt(name, () => {
    const [asked = '', answered = ''] = http.conversation.map((part) => new TextDecoder('latin1').decode(bytes(part.bytes)))
    const header = /x-tailscale-handshake: (\S+)/i.exec(asked)?.[1] ?? ''
    const keys = { machine: bytes(machine.private), server: bytes(control.public), ephemeral: bytes(clientEphemeral.private) }
    const client = must(createNoiseClient(runs[0]?.protocolVersion ?? 0, keys))
    const noise = Uint8Array.from(answered.slice(answered.indexOf('\r\n\r\n') + 4), (byte) => byte.charCodeAt(0))
    must(client.push(noise))
    const got = [btoa(String.fromCharCode(...client.initiation)), toHex(client.handshakeHash ?? new Uint8Array()), JSON.stringify(client.early)]
    return same(name, got.join(' '), [header, http.handshakeHash, early.json].join(' '))
  })]
}

export function noiseCases(file: unknown): Case[] {
  const vectors = schema.parse(file)
  const { control, machine, clientEphemeral, serverEphemeral, dh, early } = vectors
  const secret = (name: keyof typeof dh, own: string, other: string): Case =>
    attempt(`X25519 ${name}`, () => same(`X25519 ${name}`, toHex(nobleCrypto.sharedSecret(bytes(own), bytes(other)) ?? new Uint8Array()), dh[name]))
  return [
    secret('es', control.private, clientEphemeral.public), secret('ss', control.private, machine.public),
    secret('ee', serverEphemeral.private, clientEphemeral.public), secret('se', serverEphemeral.private, machine.public),
    ...vectors.runs.flatMap((each, i) => [...handshake(vectors, each, `run ${i}`), ...records(each, `run ${i}`)]),
    ...vectors.badInitiations.map((each) => bad(vectors, each)),
    attempt('early payload', () => same('early payload', toHex(encodeEarlyPayload(bytes(early.challengePublic.replace('chalpub:', '')))), early.payload)),
    attempt('early payload reads', () => same('early payload reads', JSON.stringify(must(createEarlyReader()(bytes(early.payload))).payload), early.json)),
    ...upgrade(vectors),
  ]
}
