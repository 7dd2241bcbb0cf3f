import type { Overview } from '../../server/trpc/types.ts'

type Peak = NonNullable<Overview['peak']>

/**
 * The highest of the last hour's ten seconds and of the seconds that this page saw: a peak below what it shows as the rate
 * now would contradict it. `seen` is bits a second. Null: there was no traffic.
 */
export function highest(known: Overview['peak'], seen: readonly { readonly at: number; readonly relayBits: number | null }[]): Peak | null {
  let peak = known
  for (const { at, relayBits } of seen) if (relayBits !== null && relayBits > (peak?.rate ?? 0)) peak = { rate: relayBits, at: new Date(at) }
  return peak
}
