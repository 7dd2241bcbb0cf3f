/** What comparing may still cost: cells of the table of distances, or other steps that take as long. */
export type Work = { left: number }

/**
 * The candidate that a mistyped word most likely meant, or undefined when none is near, or when `work` is used up: a document can
 * have as many mistakes as names.
 */
export function nearest(word: string, candidates: Iterable<string>, work: Work = { left: Infinity }): string | undefined {
  const wanted = word.toLowerCase()
  if (wanted.length > 64) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    if (work.left <= 0) break
    work.left--
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue
    work.left -= wanted.length * candidate.length
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Letters left out, put in or changed, and neighbours that changed places. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Infinity
      next.push(Math.min(substitute, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
