import { lineChanges } from '@/lib/line-diff.ts'

/** A part of a text to replace; `to` is behind its last character. */
export type Change = { readonly from: number; readonly to: number; readonly insert: string }

/**
 * The parts in which `after` differs from `before`, in their order: whole lines where several differ, only the characters where one
 * place does. An editor keeps its cursor and marks in everything else.
 */
export function changesBetween(before: string, after: string): Change[] {
  if (before === after) return []
  const [old, now] = [linesOf(before), linesOf(after)]
  const starts = [0]
  for (const line of old) starts.push((starts.at(-1) ?? 0) + line.length)
  const offset = (line: number): number => starts[line] ?? before.length
  return lineChanges(old, now).map((change) => trimmed(before, {
    from: offset(change.before), to: offset(change.before + change.removed), insert: now.slice(change.after, change.after + change.added).join(''),
  }))
}

/** The lines of a text with their line breaks. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** A change without what its two sides have in common at the start and the end; it never cuts a character of two units. */
function trimmed(before: string, { from, to, insert }: Change): Change {
  let start = 0
  while (from + start < to && start < insert.length && before[from + start] === insert[start]) start++
  if (isHigh(insert.charCodeAt(start - 1))) start--
  let end = 0
  while (from + start < to - end && start < insert.length - end && before[to - end - 1] === insert[insert.length - end - 1]) end++
  if (isLow(insert.charCodeAt(insert.length - end))) end--
  return { from: from + start, to: to - end, insert: insert.slice(start, insert.length - end) }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
