/** Sequences that were passed over and may still come; the oldest are given up. */
const maxMissing = 256

/** What was taken of one boot: everything up to `sequence` but `missing` (ascending, bounded). */
export interface Cursor {
  readonly sequence: number
  readonly missing: readonly number[]
}

/** The cursor after this report, or undefined: it was taken before. */
export function takeSequence(cursor: Cursor | undefined, sequence: number): Cursor | undefined {
  const last = cursor?.sequence ?? 0
  const missing = cursor?.missing ?? []
  if (sequence > last) {
    const first = Math.max(last + 1, sequence - maxMissing)
    const passedOver = Array.from({ length: sequence - first }, (_, i) => first + i)
    return { sequence, missing: [...missing, ...passedOver].slice(-maxMissing) }
  }
  if (!missing.includes(sequence)) return undefined
  return { sequence: last, missing: missing.filter((one) => one !== sequence) }
}
