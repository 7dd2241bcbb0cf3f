import type { Change } from './changes.ts'

/** Above this many pairs of lines, comparing costs more than a key press may: everything between the first and last difference is one part. */
const maxPairs = 1_000_000

/** The lines of `b` in the place of those of `a`, as changes of the text that `a` joined is: a longest common subsequence stays. */
export function alignedLines(a: readonly string[], b: readonly string[]): Change[] {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  const offset = lengthOf(a.slice(0, start))
  if (left.length * right.length > maxPairs) return [{ from: offset, to: offset + lengthOf(left), insert: right.join('') }]
  return gaps(left, right, offset)
}

function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0)
}

function gaps(left: readonly string[], right: readonly string[], offset: number): Change[] {
  const width = right.length + 1
  const lengths = new Uint32Array((left.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const changes: Change[] = []
  let from = offset
  let to = offset
  let insert = ''
  const close = (): void => {
    if (to > from || insert !== '') changes.push({ from, to, insert })
    insert = ''
  }
  for (let i = 0, j = 0; i < left.length || j < right.length;) {
    const [mine = '', theirs = ''] = [left[i], right[j]]
    if (i < left.length && j < right.length && mine === theirs) {
      close()
      to += mine.length
      from = to
      i++
      j++
    } else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1))) {
      to += mine.length
      i++
    } else {
      insert += theirs
      j++
    }
  }
  close()
  return changes
}
