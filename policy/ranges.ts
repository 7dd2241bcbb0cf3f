import type { AddressRange } from './address.ts'

/** Sets of addresses are lists of ranges, in order (IPv4 first) and apart: none touches the next. */
export type RangeSet = readonly AddressRange[]

function before(a: AddressRange, b: AddressRange): boolean {
  return a.family !== b.family ? a.family < b.family : a.first < b.first
}

/** The set of any ranges in any order. */
export function rangeSet(ranges: readonly AddressRange[]): RangeSet {
  return joined(ranges.toSorted((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0)))
}

/** Joins what touches in an ordered list. */
function joined(ordered: Iterable<AddressRange>): AddressRange[] {
  const set: AddressRange[] = []
  for (const range of ordered) {
    const last = set.at(-1)
    if (last === undefined || last.family !== range.family || range.first > last.last + 1n) set.push(range)
    else if (range.last > last.last) set[set.length - 1] = { ...last, last: range.last }
  }
  return set
}

export function union(a: RangeSet, b: RangeSet): RangeSet {
  if (a.length === 0) return b
  if (b.length === 0) return a
  return joined(inOrder(a, b))
}

function* inOrder(a: RangeSet, b: RangeSet): Generator<AddressRange> {
  let [i, j] = [0, 0]
  for (;;) {
    const [left, right] = [a[i], b[j]]
    if (left !== undefined && (right === undefined || before(left, right))) {
      yield left
      i++
    } else if (right !== undefined) {
      yield right
      j++
    } else return
  }
}

/** What of `a` is not in `b`. */
export function subtract(a: RangeSet, b: RangeSet): RangeSet {
  if (a.length === 0 || b.length === 0) return a
  const left: AddressRange[] = []
  let at = 0
  for (const range of a) {
    const { family, last } = range
    let { first } = range
    for (let taken = b[at]; taken !== undefined; taken = b[++at]) {
      if (taken.family > family || (taken.family === family && taken.first > last)) break
      if (taken.family < family || taken.last < first) continue
      if (taken.first > first) left.push({ family, first, last: taken.first - 1n })
      first = taken.last + 1n
      // It may reach into the next range as well.
      if (taken.last > last) break
    }
    if (first <= last) left.push({ family, first, last })
  }
  return left
}

export type RangeStep = { readonly does: 'add' | 'remove'; readonly ranges: RangeSet }

/** What steps done in order do to any set: take `removed` away, then add `added`. */
type Effect = { readonly added: RangeSet; readonly removed: RangeSet }

/**
 * The set that steps make when they are done in order, from nothing. Steps are joined in pairs, so that a document full of them
 * costs the ranges times the logarithm of the steps, not their product.
 */
export function setOfSteps(steps: readonly RangeStep[]): RangeSet {
  let effects = steps.map(({ does, ranges }): Effect => (does === 'add' ? { added: ranges, removed: [] } : { added: [], removed: ranges }))
  while (effects.length > 1) {
    const pairs: Effect[] = []
    for (let i = 0; i < effects.length; i += 2) {
      const [one, other] = [effects[i], effects[i + 1]]
      if (one === undefined) continue
      pairs.push(other === undefined ? one : {
        added: union(subtract(one.added, other.removed), other.added), removed: union(one.removed, other.removed),
      })
    }
    effects = pairs
  }
  return effects[0]?.added ?? []
}
