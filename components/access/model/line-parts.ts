/** A sentence in pieces: text, and numbers of lines of the policy. */
export type LinePart = { readonly text: string } | { readonly line: number }

/** Finds "line 12" and "lines 3, 5". The pieces are the sentence again. */
export function lineParts(sentence: string): LinePart[] {
  const parts: LinePart[] = []
  let at = 0
  for (const { index, 0: whole, 1: lead = '' } of sentence.matchAll(/\b(lines? )\d+(?:, \d+)*/g)) {
    parts.push({ text: sentence.slice(at, index + lead.length) })
    for (const [i, number] of whole.slice(lead.length).split(', ').entries()) parts.push(...(i > 0 ? [{ text: ', ' }] : []), { line: Number(number) })
    at = index + whole.length
  }
  if (at < sentence.length) parts.push({ text: sentence.slice(at) })
  return parts
}
