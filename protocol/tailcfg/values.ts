import { z } from 'zod'
import { canonicalKey, type DiscoKey, type KeyKind, type MachineKey, type NodeKey } from '../keys.ts'

/** Kinds of keys whose text only passes through: tailnet lock and challenges. */
const zeroHex = '0'.repeat(64)

/** The capability version from which a client knows peer relays (spec/coordination.md §4.1). */
export const relayCapVersion = 121
/** The year 1, which stands for "no time" (§0). */
export const zeroTime = '0001-01-01T00:00:00Z'

export const zeroKey = (kind: KeyKind): string => `${kind}:${zeroHex}`
/** A key of zeros stands for none (§0). */
export const isZeroKey = (text: string): boolean => text.endsWith(zeroHex)

function keySchema<Text extends string>(kind: KeyKind): z.ZodType<Text, string> {
  return z.string().transform((text, context) => {
    const key = canonicalKey(kind, text)
    if (key.ok) return key.value as string as Text // the kind and the text's brand are one choice of the callers below
    context.addIssue({ code: 'custom', message: `is no ${kind} (${key.reason})` })
    return z.NEVER
  })
}

/** Canonical text; an empty text is an error, as it is for clients. */
export const nodeKeySchema = keySchema<NodeKey>('nodekey')
export const discoKeySchema = keySchema<DiscoKey>('discokey')
export const machineKeySchema = keySchema<MachineKey>('mkey')

/** A key that may be zero or absent: then undefined. */
export function optionalKey<Text extends string>(schema: z.ZodType<Text, string>) {
  return schema.nullish().transform((text) => (text === undefined || text === null || isZeroKey(text) ? undefined : text))
}

/** Go's JSON has years of four digits; a later time would be none to clients, and to the database another than to us. */
const lastTime = Date.parse('9999-12-31T23:59:59.999Z')

/** Milliseconds since 1970 of a Go time; the zero time, null and absence are undefined. */
export const goTimeSchema = z.string().max(64).nullish().transform((text, context) => {
  if (text === undefined || text === null) return undefined
  const time = Date.parse(text)
  if (!/^\d{4}-/.test(text) || Number.isNaN(time) || time > lastTime) {
    context.addIssue({ code: 'custom', message: 'is no time (RFC 3339)' })
    return z.NEVER
  }
  return time <= Date.parse(zeroTime) ? undefined : time
})

/** A Go time of milliseconds since 1970. */
export const goTime = (millis: number): string => new Date(millis).toISOString()

/** Beyond these a client's claim is refused as a whole (§10). */
export const maxText = 1024

export const text = z.string().max(maxText)
/** Go leaves an empty text out, or sends it. */
export const optionalText = text.nullish().transform((value) => value ?? '')
/** A Go slice: null, absent and empty are the same. */
export function list<T extends z.ZodType>(item: T, max: number) {
  return z.array(item).max(max).nullish().transform((value) => value ?? [])
}
export const flag = z.boolean().nullish().transform((value) => value ?? false)
