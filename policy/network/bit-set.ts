/** A set of small numbers, one bit each. Bounded: by the highest number in it. */
export class BitSet {
  #words = new Uint32Array(4)

  has(number: number): boolean {
    return ((this.#words[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0
  }

  add(number: number): void {
    const at = number >>> 5
    this.#grow(at + 1)
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (number & 31))
  }

  delete(number: number): void {
    const at = number >>> 5
    if (at < this.#words.length) this.#words[at] = (this.#words[at] ?? 0) & ~(1 << (number & 31))
  }

  /** Adds all of another set. */
  addAll(other: BitSet): void {
    const words = other.#words
    this.#grow(words.length)
    const mine = this.#words
    for (let i = 0; i < words.length; i++) mine[i] = (mine[i] ?? 0) | (words[i] ?? 0)
  }

  /** The sum of what the numbers in it weigh. */
  sum(weights: Uint32Array): number {
    let sum = 0
    const words = this.#words
    for (let at = 0; at < words.length; at++) {
      let word = words[at] ?? 0
      while (word !== 0) {
        sum += weights[at * 32 + 31 - Math.clz32(word & -word)] ?? 0
        word &= word - 1
      }
    }
    return sum
  }

  /** The same for the same numbers. */
  key(): string {
    let length = this.#words.length
    while (length > 0 && this.#words[length - 1] === 0) length--
    return String.fromCharCode(...new Uint16Array(this.#words.buffer, 0, 2 * length))
  }

  isEmpty(): boolean {
    return this.#words.every((word) => word === 0)
  }

  clear(): void {
    this.#words.fill(0)
  }

  /** Ascending. */
  [Symbol.iterator](): Iterator<number> {
    return this.list()[Symbol.iterator]()
  }

  list(): number[] {
    const numbers: number[] = []
    const words = this.#words
    for (let at = 0; at < words.length; at++) {
      let word = words[at] ?? 0
      while (word !== 0) {
        numbers.push(at * 32 + 31 - Math.clz32(word & -word))
        word &= word - 1
      }
    }
    return numbers
  }

  #grow(words: number): void {
    if (words <= this.#words.length) return
    const grown = new Uint32Array(Math.max(words, this.#words.length * 2))
    grown.set(this.#words)
    this.#words = grown
  }
}
