import { z } from 'zod'
import { fail, ok, type Result } from '../../lib/result.ts'
import { openBox, sealBox } from '../nacl-box.ts'

/** Spec section 5: the JSON inside the boxes of ClientInfo and ServerInfo. Unknown fields are ignored. */
const clientInfo = z.object({
  version: z.number().int().default(0),
  CanAckPings: z.boolean().default(false),
  IsProber: z.boolean().default(false),
})
const serverInfo = z.object({
  version: z.number().int().default(0),
  /** What the client may send on average, and at once; absent = no limit told. */
  TokenBucketBytesPerSecond: z.number().int().nonnegative().optional(),
  TokenBucketBytesBurst: z.number().int().nonnegative().optional(),
})

export type ClientInfo = z.output<typeof clientInfo>
export type ServerInfo = z.output<typeof serverInfo>
export type InfoError = 'forged' | 'bad-json'

/** Longest JSON we read: the longest a stock client sends is some 200 bytes. */
export const maxInfoBytes = 4096

export interface SealedInfo {
  readonly nonce: Uint8Array
  readonly box: Uint8Array
}

function seal(shared: Uint8Array, nonce: Uint8Array, info: object): SealedInfo {
  return { nonce, box: sealBox(shared, nonce, new TextEncoder().encode(JSON.stringify(info))) }
}

function open<T>(shared: Uint8Array, sealed: SealedInfo, schema: z.ZodType<T>): Result<T, InfoError> {
  if (sealed.box.length > maxInfoBytes) return fail('bad-json')
  const plain = openBox(shared, sealed.nonce, sealed.box)
  if (!plain.ok) return fail('forged')
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(plain.value))
  } catch {
    return fail('bad-json')
  }
  const read = schema.safeParse(json)
  return read.success ? ok(read.data) : fail('bad-json')
}

/** `shared` is `beforeBox` of one side's node key and the other's server key; `nonce` 24 fresh random bytes. */
export function sealClientInfo(shared: Uint8Array, nonce: Uint8Array, info: { readonly canAckPings: boolean }): SealedInfo {
  return seal(shared, nonce, { version: 2, CanAckPings: info.canAckPings })
}

export function openClientInfo(shared: Uint8Array, sealed: SealedInfo): Result<ClientInfo, InfoError> {
  return open(shared, sealed, clientInfo)
}

/** With a rate, a stock client keeps to it itself: bytes per second, and bytes at once. */
export function sealServerInfo(
  shared: Uint8Array,
  nonce: Uint8Array,
  rate?: { readonly bytesPerSecond: number; readonly burstBytes: number },
): SealedInfo {
  const limits = rate && { TokenBucketBytesPerSecond: rate.bytesPerSecond, TokenBucketBytesBurst: rate.burstBytes }
  return seal(shared, nonce, { version: 2, ...limits })
}

export function openServerInfo(shared: Uint8Array, sealed: SealedInfo): Result<ServerInfo, InfoError> {
  return open(shared, sealed, serverInfo)
}
