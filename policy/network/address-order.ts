import { type Address, formatAddress, parseAddress } from '../address.ts'

/** An address or a range as rules have it, with its place among all: IPv4 before IPv6, then by number. */
export type Entry = { readonly text: string; readonly family: 4 | 6; readonly value: bigint; place: number; uses: number }

/** Places stay apart by at least this; then all are numbered anew. */
const closest = 1e-6
/** Below so many it is quicker to sort them. */
const few = 32

/** All texts of addresses in one order, so that lists are sorted by one number each. Bounded: addresses and routes of the network, literals of the policy. */
export class AddressOrder {
  readonly #entries = new Map<string, Entry>()
  readonly #sorted: Entry[] = []
  /** Taken in, but not yet in their place: many at once are sorted at once. */
  #waiting: Entry[] = []
  /** Each one's place is where it stands in `#sorted`. */
  #isNumbered = true
  /** What a list is being made of, a bit for each place; empty in between. */
  #marks = new Uint32Array(64)

  /** Each text is let go as often as it was taken. */
  take(text: string): Entry {
    return this.#take(text, undefined)
  }

  takeAddress(address: Address): Entry {
    return this.#take(formatAddress(address), address)
  }

  #take(text: string, read: Address | undefined): Entry {
    const known = this.#entries.get(text)
    if (known !== undefined) {
      known.uses++
      return known
    }
    const { family, value } = read ?? parseAddress(text.split(/[-/]/)[0] ?? '') ?? { family: 6, value: 0n }
    const entry: Entry = { text, family, value, place: 0, uses: 1 }
    this.#entries.set(text, entry)
    this.#waiting.push(entry)
    return entry
  }

  release(entry: Entry): void {
    entry.uses--
    if (entry.uses > 0) return
    this.#settle()
    this.#entries.delete(entry.text)
    const at = this.#find(entry)
    if (this.#sorted[at] !== entry) return
    this.#sorted.splice(at, 1)
    this.#isNumbered = false
  }

  /** Sorted texts of entries, each once. */
  list(entries: readonly Entry[]): string[] {
    this.#settle()
    return entries.length < few ? sortedTexts(entries) : this.#markedTexts(entries)
  }

  /** Many are not compared with each other: each is marked at its place, and the marks are read in order. */
  #markedTexts(entries: readonly Entry[]): string[] {
    if (!this.#isNumbered) this.#number()
    const sorted = this.#sorted
    if (sorted.length > 32 * this.#marks.length) this.#marks = new Uint32Array(2 * Math.ceil(sorted.length / 32))
    const marks = this.#marks
    for (let i = 0; i < entries.length; i++) {
      const place = entries[i]?.place ?? 0
      marks[place >>> 5] = (marks[place >>> 5] ?? 0) | (1 << (place & 31))
    }
    const texts: string[] = []
    for (let at = 0; at < marks.length; at++) {
      let word = marks[at] ?? 0
      if (word === 0) continue
      marks[at] = 0
      for (; word !== 0; word &= word - 1) texts.push(sorted[32 * at + 31 - Math.clz32(word & -word)]?.text ?? '')
    }
    return texts
  }

  /** A list of here with one text more. */
  insert(list: readonly string[], entry: Entry): readonly string[] {
    const at = this.#placeIn(list, entry)
    return list[at] === entry.text ? list : list.toSpliced(at, 0, entry.text)
  }

  /** A list of here with one text less. */
  omit(list: readonly string[], entry: Entry): readonly string[] {
    const at = this.#placeIn(list, entry)
    return list[at] === entry.text ? list.toSpliced(at, 1) : list
  }

  #placeIn(list: readonly string[], entry: Entry): number {
    this.#settle()
    let [low, high] = [0, list.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#entries.get(list[middle] ?? '')
      if (other !== undefined && other.place < entry.place) low = middle + 1
      else high = middle
    }
    return low
  }

  #settle(): void {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    if (waiting.length > 16) {
      this.#sorted.push(...waiting)
      this.#sorted.sort(compare)
      this.#number()
      return
    }
    for (const entry of waiting) this.#place(entry)
  }

  #place(entry: Entry): void {
    const at = this.#find(entry)
    const [before, after] = [this.#sorted[at - 1], this.#sorted[at]]
    this.#sorted.splice(at, 0, entry)
    this.#isNumbered = false
    entry.place = before === undefined ? (after?.place ?? 0) - 1 : after === undefined ? before.place + 1 : (before.place + after.place) / 2
    if (before !== undefined && entry.place - before.place < closest) this.#number()
  }

  #number(): void {
    const sorted = this.#sorted
    for (let i = 0; i < sorted.length; i++) {
      const entry = sorted[i]
      if (entry !== undefined) entry.place = i
    }
    this.#isNumbered = true
  }

  #find(entry: Entry): number {
    let [low, high] = [0, this.#sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#sorted[middle]
      if (other !== undefined && compare(other, entry) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

function sortedTexts(entries: readonly Entry[]): string[] {
  const texts: string[] = []
  let last: Entry | undefined
  for (const entry of entries.toSorted((a, b) => a.place - b.place)) {
    if (entry !== last) texts.push(entry.text)
    last = entry
  }
  return texts
}

function compare(a: Entry, b: Entry): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.value !== b.value) return a.value < b.value ? -1 : 1
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0
}
