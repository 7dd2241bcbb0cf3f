import type { Span } from './problem.ts'

/**
 * What goes when an element of a list goes: the element and the comma that parts it from the next, or else from the one before.
 * Where it has its lines to itself, these lines and the comment lines right above go too.
 */
export function removal(text: string, { offset, length }: Span): Span {
  const end = offset + length
  const comma = /^\s*,/.exec(text.slice(end, end + 200))?.[0].length
  if (comma === undefined) {
    let start = offset
    while (start > 0 && text.slice(start - 1, start).trim() === '') start--
    const from = text[start - 1] === ',' ? start - 1 : offset
    return { offset: from, length: end - from }
  }
  let lineStart = offset
  while (text[lineStart - 1] === ' ' || text[lineStart - 1] === '\t') lineStart--
  const rest = /^[ \t]*(?:\/\/[^\r\n]*)?(?:\r\n|\n)/.exec(text.slice(end + comma))
  if ((lineStart === 0 || text[lineStart - 1] === '\n') && rest !== null) {
    const start = aboveComments(text, lineStart)
    return { offset: start, length: end + comma + rest[0].length - start }
  }
  const blanks = /^[ \t]*/.exec(text.slice(end + comma))?.[0].length ?? 0
  return { offset, length: length + comma + blanks }
}

function aboveComments(text: string, lineStart: number): number {
  let start = lineStart
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1
    if (!/^\s*\/\//.test(text.slice(above, start))) break
    start = above
  }
  return start
}
