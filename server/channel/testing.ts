import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { toHex } from '../../lib/bytes.ts'
import { challengeText, encodeMessage, parseToNode, type ChannelView, type FromNode, type ToNode } from '../../protocol/channel/index.ts'
import { formatKey } from '../../protocol/keys.ts'
import type { MachineCommand } from './machine.ts'
import type { Admission, ChannelLog } from './types.ts'

export interface TestIdentity {
  readonly machineKey: string
  prove(nonce: string, more?: Partial<Extract<FromNode, { type: 'prove' }>>): FromNode
}

const key = (kind: 'nodekey' | 'discokey', fill: number): string => formatKey(kind, new Uint8Array(32).fill(fill))

function rawPublic(publicKey: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'))
}

/** A machine with keys of its own. */
export function testIdentity(fill = 1): TestIdentity {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const machineKey = formatKey('mkey', rawPublic(publicKey))
  return {
    machineKey,
    prove(nonce, more = {}) {
      const proven = { nodeKey: key('nodekey', fill), discoKey: key('discokey', fill), ...more }
      const signature = toHex(sign(null, Buffer.from(challengeText(nonce, machineKey, proven)), privateKey))
      return { type: 'prove', signature, kind: 'agent', host: { hostname: 'lock', os: 'linux', version: '0.1.0' }, revision: 0, ...proven }
    },
  }
}

export const admission: Admission = { id: 7, stableId: 'n7', name: 'lock-1', addresses: ['100.64.0.7', 'fd7a:115c:a1e0::7'], authorized: true, viewRevision: 0, viewDigest: '' }

export function sentBy(commands: readonly MachineCommand[]): ToNode[] {
  return commands.flatMap((command) => {
    const parsed = command.type === 'send' ? parseToNode(command.text) : undefined
    return parsed?.ok ? [parsed.value] : []
  })
}

export function frameOf(message: FromNode): string {
  return encodeMessage(message)
}

export function testView(id: number, relays: number[] = []): ChannelView {
  const self = {
    id, stableId: `n${id}`, name: `lock-${id}`, kind: 'agent' as const, nodeKey: key('nodekey', id), discoKey: key('discokey', id),
    addresses: [`100.64.0.${id}`], endpoints: [], homeDerp: 1, capVersion: 130, tags: [], online: true,
  }
  return { self, peers: [], relays, serves: [], sessionPeers: [], derp: [] }
}

/** A log that keeps what it is told. */
export function testLog(): ChannelLog & { readonly lines: string[]; readonly fields: object[] } {
  const lines: string[] = []
  const all: object[] = []
  const keep = (fields: object, text: string): void => {
    lines.push(text)
    all.push({ ...fields, text })
  }
  return { lines, fields: all, info: keep, warn: keep, error: keep }
}
