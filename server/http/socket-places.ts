const maxSockets = 500
/** People behind one address, each with some tabs. */
const maxPerBucket = 50

/** Sockets of pages, counted in all and by address bucket, so that nobody can hold them all. */
export class SocketPlaces {
  #taken = 0
  /** Bounded: `maxSockets`; a bucket goes with its last socket. */
  readonly #ofBucket = new Map<string, number>()

  /** Counts one in and returns the way to count it out, once; undefined: no place is left. */
  take(bucket: string): (() => void) | undefined {
    const ofBucket = this.#ofBucket.get(bucket) ?? 0
    if (this.#taken >= maxSockets || ofBucket >= maxPerBucket) return undefined
    this.#taken++
    this.#ofBucket.set(bucket, ofBucket + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.#taken--
      const left = (this.#ofBucket.get(bucket) ?? 1) - 1
      if (left > 0) this.#ofBucket.set(bucket, left)
      else this.#ofBucket.delete(bucket)
    }
  }
}
