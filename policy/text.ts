import type { Fix, Reporter } from './problem.ts'

/** A document is smaller (spec/policy.md §1). */
export const maxBytes = 1 << 20
/** Of each kind of character so many are marked. */
const maxMarks = 200

// Direction marks make text read otherwise than it is compiled, in comments too.
const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
const loneSurrogates = /\p{Surrogate}/gu

/**
 * Checks what must hold before the text is parsed: size and characters (spec/policy.md §1).
 * Returns false when parsing it would not be useful.
 */
export function checkText(text: string, report: Reporter): boolean {
  if (text.length >= maxBytes || new TextEncoder().encode(text).length >= maxBytes) {
    report.error({ offset: 0, length: 0 }, 'limit', 'The policy is larger than 1 MiB, which is the limit.')
    return false
  }
  if (text.startsWith('\ufeff')) report.error({ offset: 0, length: 1 }, 'encoding', 'The text starts with a byte order mark: remove it.', { label: 'Remove it', offset: 0, length: 1, replacement: '' })
  mark(text, directionMarks, report, 'is a direction mark, which makes text read otherwise than it is: remove it', removing)
  mark(text, controls, report, 'is a control character: remove it', removing)
  mark(text, loneSurrogates, report, 'is half a character: the text is not valid Unicode')
  return !report.failed()
}

function removing(offset: number): Fix {
  return { label: 'Remove it', offset, length: 1, replacement: '' }
}

function mark(text: string, pattern: RegExp, report: Reporter, what: string, fix?: (offset: number) => Fix): void {
  let marks = 0
  for (const match of text.matchAll(pattern)) {
    const code = match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    report.error({ offset: match.index, length: 1 }, 'encoding', `U+${code} ${what}.`, fix?.(match.index))
    if (++marks === maxMarks) return
  }
}
