import { lineChanges } from '@/lib/line-diff.ts'

/** The lines of a text, at least one. Line breaks are `\n`, `\r\n` and a lone `\r`, as policy counts them. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/)
}

/** Tells the line, from 1, of many offsets into one text. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), ({ index, 0: { length } }) => index + length)]
  return (offset) => {
    let low = 0
    let high = starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? Infinity) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The line, from 1, that an offset lies on. */
export function lineOfOffset(text: string, offset: number): number {
  return splitLines(text.slice(0, offset)).length
}

/** Lines of `after`, from 1, that are not in `before` at their place. */
export function changedLines(before: string, after: string): ReadonlySet<number> {
  const changes = lineChanges(splitLines(before), splitLines(after))
  return new Set(changes.flatMap((change) => Array.from({ length: change.added }, (_, i) => change.after + i + 1)))
}
