import type { Address, AddressRange } from '../address.ts'

/** Words of 32 bits in an address of a family. */
const wordsOf = { 4: 1, 6: 4 } as const
const word = 0xffffffffn

/** An address as words, the highest first: numbers compare faster than BigInt. */
export function addressWords({ family, value }: Address): Uint32Array {
  if (family === 4) return Uint32Array.of(Number(value))
  return Uint32Array.of(Number(value >> 96n), Number((value >> 64n) & word), Number((value >> 32n) & word), Number(value & word))
}

/** Ranges with a number each, found by an address in them or by a range that overlaps them. */
export type RangeIndex = {
  /** Calls `found` with the number of each range that shares an address with `first` to `last`, in words. */
  readonly overlapping: (family: 4 | 6, first: Uint32Array, last: Uint32Array, found: (number: number) => void) => void
}

export function createRangeIndex(ranges: readonly { readonly range: AddressRange; readonly number: number }[]): RangeIndex {
  const of = (family: 4 | 6): Tree => createTree(wordsOf[family], ranges.filter(({ range }) => range.family === family))
  const [v4, v6] = [of(4), of(6)]
  return { overlapping: (family, first, last, found) => (family === 4 ? v4 : v6)(first, last, found) }
}

type Tree = (first: Uint32Array, last: Uint32Array, found: (number: number) => void) => void

/** A balanced tree in arrays: ranges by their first address, each with the last address of all below it. A look-up costs what it finds. */
function createTree(size: number, ranges: readonly { readonly range: AddressRange; readonly number: number }[]): Tree {
  const sorted = ranges.toSorted((a, b) => (a.range.first < b.range.first ? -1 : a.range.first > b.range.first ? 1 : 0))
  const [firsts, lasts, highest] = [0, 1, 2].map(() => new Uint32Array(sorted.length * size))
  const numbers = Int32Array.from(sorted, ({ number }) => number)
  if (firsts === undefined || lasts === undefined || highest === undefined) throw new Error('three lists were asked for')
  for (const [i, { range: { family, first, last } }] of sorted.entries()) {
    firsts.set(addressWords({ family, value: first }), i * size)
    lasts.set(addressWords({ family, value: last }), i * size)
  }
  /** The negative of what sorts first, as for a sort. */
  const compare = (list: Uint32Array, at: number, words: Uint32Array): number => {
    for (let i = 0; i < size; i++) {
      const [a, b] = [list[at * size + i] ?? 0, words[i] ?? 0]
      if (a !== b) return a < b ? -1 : 1
    }
    return 0
  }
  const wordsAt = (list: Uint32Array, at: number): Uint32Array => list.subarray(at * size, (at + 1) * size)
  const build = (low: number, high: number): Uint32Array | undefined => {
    if (low >= high) return undefined
    const middle = (low + high) >>> 1
    let best = wordsAt(lasts, middle)
    for (const below of [build(low, middle), build(middle + 1, high)]) if (below !== undefined && compare(below, 0, best) > 0) best = below
    highest.set(best, middle * size)
    return wordsAt(highest, middle)
  }
  build(0, sorted.length)
  return (first, last, found) => {
    const visit = (low: number, high: number): void => {
      if (low >= high) return
      const middle = (low + high) >>> 1
      if (compare(highest, middle, first) < 0) return
      visit(low, middle)
      if (compare(firsts, middle, last) > 0) return
      if (compare(lasts, middle, first) >= 0) found(numbers[middle] ?? 0)
      visit(middle + 1, high)
    }
    visit(0, sorted.length)
  }
}
