/** Above this many pairs of elements, comparing costs more than a key press may: the whole middle counts as different. */
const maxPairs = 1_000_000

/** Index of an element that stays → its new one. Bounded by the list. */
export function keptPairs(a: readonly string[], b: readonly string[]): Map<number, number> {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  const middle = left.length * right.length > maxPairs ? [] : commonPairs(left, right)
  return new Map([
    ...a.slice(0, start).map((_, i): [number, number] => [i, i]),
    ...middle.map(([i, j]): [number, number] => [i + start, j + start]),
    ...a.slice(a.length - end).map((_, i): [number, number] => [a.length - end + i, b.length - end + i]),
  ])
}

/** A longest common subsequence. */
function commonPairs(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  }
  const kept: [number, number][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) kept.push([i++, j++])
    else if (at(i + 1, j) >= at(i, j + 1)) i++
    else j++
  }
  return kept
}
