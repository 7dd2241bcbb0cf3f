import { formatBytes, monthName, type RelayTerms, termsWords } from '../../../policy/index.ts'
import type { ServiceContext } from '../context.ts'
import type { Limit } from './shape.ts'

/** What limits a client on a relay, each with the lines that set it and what is to be known of it. */
export function limitsOf(terms: RelayTerms | undefined, relay: { readonly kind: string }, { network, clock }: Pick<ServiceContext, 'network' | 'clock'>): Limit[] {
  if (terms === undefined) return []
  return termsWords(terms).map(({ limit, words, lines }) => ({ words, lines: lines.map(({ line }) => line), note: note(limit, lines.map(({ grantIndex }) => grantIndex)) }))

  function note(limit: string, grants: readonly number[]): string {
    switch (limit) {
      case 'maxSessions': case 'family': case 'maxRate': return relay.kind === 'client' ? 'a stock relay does not enforce it' : ''
      case 'quota': return network.quotas.uses().filter(({ grantIndex }) => grants.includes(grantIndex))
        .map(({ used, quota }) => `${formatBytes(used, quota)} used in ${monthName(clock.now())}`).join(', ')
      default: return ''
    }
  }
}
