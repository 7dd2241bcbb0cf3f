/** xorshift32: a million inputs want a generator cheaper than a property library's, and a seed to find one again. */
export function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Endless inputs: each fourth is noise of fewer than 80 bytes, the others are originals, cut short or with up to three bytes changed. */
export function mutations(originals: readonly Uint8Array[], below: (bound: number) => number): () => Uint8Array {
  let count = 0
  return () => {
    const isNoise = count++ % 4 === 0
    const original = originals[below(originals.length)] ?? new Uint8Array()
    const input = isNoise ? new Uint8Array(below(80)) : original.slice(0, below(3) === 0 ? below(original.length + 1) : original.length)
    const flips = isNoise ? input.length : below(4)
    for (let n = 0; n < flips && input.length > 0; n++) input[isNoise ? n : below(input.length)] = below(256)
    return input
  }
}
