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

/** Above this many pairs of lines, comparing costs more than a key press may: the whole middle counts as changed. */
const maxPairs = 1_000_000

/** Lines of `after`, from 1, that are not in `before` at their place: a longest common subsequence between the first and last difference. */
export function changedLines(before: string, after: string): ReadonlySet<number> {
  const a = splitLines(before)
  const b = splitLines(after)
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  const kept = left.length * right.length > maxPairs ? new Set<number>() : keptLines(left, right)
  const changed = new Set<number>()
  for (let i = 0; i < right.length; i++) if (!kept.has(i)) changed.add(start + i + 1)
  return changed
}

/** Indices of `right` that belong to a longest common subsequence with `left`. */
function keptLines(left: readonly string[], right: readonly string[]): Set<number> {
  const width = right.length + 1
  const lengths = new Uint32Array((left.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const kept = new Set<number>()
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (left[i] === right[j]) {
      kept.add(j)
      i++
      j++
    } else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return kept
}
