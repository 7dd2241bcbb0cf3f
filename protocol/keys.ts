import type { Brand } from '../lib/brand.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import { fail, ok, type Result } from '../lib/result.ts'

/** The prefixes of public keys in text: a machine's, a node's (WireGuard and DERP), a disco key. */
export type KeyKind = 'mkey' | 'nodekey' | 'discokey'

/** `mkey:<64 hex>` */
export type MachineKey = Brand<string, 'MachineKey'>
/** `nodekey:<64 hex>` */
export type NodeKey = Brand<string, 'NodeKey'>
/** `discokey:<64 hex>` */
export type DiscoKey = Brand<string, 'DiscoKey'>

interface KeyText {
  mkey: MachineKey
  nodekey: NodeKey
  discokey: DiscoKey
}

export type KeyError = 'bad-prefix' | 'bad-length' | 'bad-hex'

export const keyBytes = 32

/** Text of a raw public key, e.g. `nodekey:<64 lower-case hex>`. Throws on another length than 32: that is a bug. */
export function formatKey<Kind extends KeyKind>(kind: Kind, raw: Uint8Array): KeyText[Kind] {
  if (raw.length !== keyBytes) throw new RangeError(`a key has ${keyBytes} bytes, not ${raw.length}`)
  // The one way into the brand: prefix and length hold by construction.
  return `${kind}:${toHex(raw)}` as KeyText[Kind]
}

/** Raw 32 bytes of a key's text; hex of any case, the prefix exact, as stock clients read it. */
export function parseKey(kind: KeyKind, text: string): Result<Uint8Array, KeyError> {
  if (!text.startsWith(`${kind}:`)) return fail('bad-prefix')
  const hex = text.slice(kind.length + 1)
  if (hex.length !== 2 * keyBytes) return fail('bad-length')
  const raw = fromHex(hex)
  return raw ? ok(raw) : fail('bad-hex')
}

/** The canonical (lower-case) text of a key's text. */
export function canonicalKey<Kind extends KeyKind>(kind: Kind, text: string): Result<KeyText[Kind], KeyError> {
  const raw = parseKey(kind, text)
  return raw.ok ? ok(formatKey(kind, raw.value)) : raw
}

/** A key's text as logs have it, as stock clients write it too: not whole, and enough to tell it from others, `[AbCdE]`. */
export function shortKey(text: string): string {
  const start = fromHex(text.slice(text.indexOf(':') + 1).slice(0, 8)) ?? new Uint8Array(0)
  return `[${btoa(String.fromCharCode(...start)).slice(0, 5)}]`
}
