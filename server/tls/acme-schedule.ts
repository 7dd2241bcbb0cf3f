import type { Millis } from '../../lib/clock.ts'

const minute = 60_000
/** Authorities stop listening after five failed proofs of a name in an hour. */
const firstRetry = 2 * minute
const mostRetry = 6 * 60 * minute

/** When a certificate is to be renewed: with a third of its life left, whatever the authority's idea of a life is. */
export function renewAt({ notBefore, notAfter }: { readonly notBefore: Millis; readonly notAfter: Millis }): Millis {
  return notAfter - Math.floor((notAfter - notBefore) / 3)
}

/** How long to wait after so many failures (1: the first), ms: three times as long each time. `chance` in [0, 1) is the jitter. */
export function retryAfter(failures: number, chance: number): number {
  const full = Math.min(mostRetry, firstRetry * 3 ** (Math.max(1, failures) - 1))
  return Math.round(full * (0.9 + chance * 0.2))
}
