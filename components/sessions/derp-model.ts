import type { DerpPair, LiveSample } from '../../server/trpc/types.ts'

/**
 * Pairs on DERP with this second's figures: those that left it since the list was asked for are gone from it, or they would stand beside a rate
 * in all that no longer has them. `lacks`: one went over to DERP that the list does not know yet.
 */
export function withDerpSample(known: readonly DerpPair[], sample: LiveSample | null): { readonly pairs: readonly DerpPair[]; readonly lacks: boolean } {
  if (!sample?.derpPairs) return { pairs: known, lacks: false }
  const now = new Map(sample.derpPairs.map((pair) => [`${pair.a} ${pair.b}`, pair]))
  const pairs = known.flatMap((pair) => {
    const rates = now.get(`${pair.a.id} ${pair.b.id}`)
    return rates ? [{ ...pair, rateFromA: rates.rateFromA, rateFromB: rates.rateFromB }] : []
  })
  return { pairs, lacks: pairs.length < now.size }
}
