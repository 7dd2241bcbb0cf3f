import { fromHex, toHex } from '../../lib/bytes.ts'

/** How one recorded case compares. */
export type Verdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'differs'; readonly reason: string }
  /** Differs on purpose, where the vectors' own description allows it. */
  | { readonly kind: 'stricter'; readonly reason: string }

export interface Case {
  readonly name: string
  readonly verdict: Verdict
}

const agrees: Verdict = { kind: 'agrees' }

/** Compares texts; hex where bytes are meant. */
export function same(name: string, got: string, wanted: string): Case {
  return { name, verdict: got === wanted ? agrees : { kind: 'differs', reason: `got ${brief(got)}, recorded ${brief(wanted)}` } }
}

export function holds(name: string, condition: boolean, otherwise: string): Case {
  return { name, verdict: condition ? agrees : { kind: 'differs', reason: otherwise } }
}

export function stricter(name: string, reason: string): Case {
  return { name, verdict: { kind: 'stricter', reason } }
}

/** What throws is a disagreement like any other, with the error as its reason. */
export function attempt(name: string, check: () => Case): Case {
  try {
    return check()
  } catch (error) {
    return { name, verdict: { kind: 'differs', reason: error instanceof Error ? error.message : String(error) } }
  }
}

/** Bytes of a vector's hex. */
export function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  if (!read) throw new Error(`not hex: ${brief(hex)}`)
  return read
}

/** One text for a value, with bytes as hex and 64-bit numbers in decimal: values compare by it. */
export function plain(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? toHex(part) : typeof part === 'bigint' ? part.toString() : part)
}

function brief(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}…`
}
