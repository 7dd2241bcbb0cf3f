import { keptPairs } from '@/lib/line-diff.ts'
import type { GrantView } from './grants.ts'

/** A selector of a row against the saved version. */
export type SelectorMark = { readonly text: string; readonly kind?: 'added' | 'removed' }
export type RowChange = { readonly kind: 'added' | 'changed'; readonly src: readonly SelectorMark[]; readonly dst: readonly SelectorMark[] }
export type RowChanges = {
  /** By the row's index; rows that are as saved are not in it. Bounded by the rows. */
  readonly of: ReadonlyMap<number, RowChange>
  /** Saved rows that are gone. */
  readonly removed: readonly GrantView[]
}

/** What became of the saved rows: those that are equal are the same wherever they moved together, and between them the others pair up in order. */
export function rowChanges(saved: readonly GrantView[], now: readonly GrantView[]): RowChanges {
  const same = keptPairs(saved.map(written), now.map(written))
  const of = new Map<number, RowChange>()
  const removed: GrantView[] = []
  let from = 0
  let to = 0
  for (const [i, j] of [...same, [saved.length, now.length] as const]) {
    const left = saved.slice(from, i)
    const right = now.slice(to, j)
    const pairs = pairUp(left, right)
    for (const row of right) {
      const old = pairs.get(row)
      of.set(row.index, { kind: old === undefined ? 'added' : 'changed', src: marked(old?.src ?? [], row.src), dst: marked(old?.dst ?? [], row.dst) })
    }
    const kept = new Set(pairs.values())
    removed.push(...left.filter((row) => !kept.has(row)))
    from = i + 1
    to = j + 1
  }
  return { of, removed }
}

function written({ list, value }: GrantView): string {
  return `${list} ${JSON.stringify(value)}`
}

/** Comparisons of a row with another, up to which each looks for the one that is most like it. More pair up in order: nobody reads so many changes row by row. */
const maxCompared = 20_000

/** Rows that are one and the same, edited: those that share most with each other. Bounded by the rows between two that are equal. */
function pairUp(left: readonly GrantView[], right: readonly GrantView[]): Map<GrantView, GrantView> {
  const pairs = new Map<GrantView, GrantView>()
  const free = new Set(left)
  const inOrder = left.length === right.length || left.length * right.length > maxCompared
  for (const [at, row] of right.entries()) {
    const best = inOrder ? left[at] : mostLike(free, row)
    if (best === undefined || !free.has(best) || (!inOrder && likeness(best, row) === 0)) continue
    pairs.set(row, best)
    free.delete(best)
  }
  return pairs
}

function mostLike(rows: Iterable<GrantView>, row: GrantView): GrantView | undefined {
  let found: { readonly row: GrantView; readonly likeness: number } | undefined
  for (const other of rows) {
    const alike = likeness(other, row)
    if (found === undefined || alike > found.likeness) found = { row: other, likeness: alike }
  }
  return found?.row
}

function likeness(a: GrantView, b: GrantView): number {
  if (a.list !== b.list) return 0
  const shared = (x: readonly string[], y: readonly string[]): number => x.filter((one) => y.includes(one)).length
  return shared(a.src, b.src) + shared(a.dst, b.dst) + (a.comment !== '' && a.comment === b.comment ? 2 : 0)
}

/** The selectors of now, and in their old place those that are gone. */
function marked(before: readonly string[], now: readonly string[]): SelectorMark[] {
  const gone = before.filter((text) => !now.includes(text))
  return [
    ...gone.map((text): SelectorMark => ({ text, kind: 'removed' })),
    ...now.map((text): SelectorMark => (before.includes(text) ? { text } : { text, kind: 'added' })),
  ]
}
