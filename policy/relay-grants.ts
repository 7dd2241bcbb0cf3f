import { type Json, relayCapability } from './capability.ts'
import type { CompiledPolicy } from './compile.ts'

/** One grant that lets somebody use some relays, for pages: selectors as written. */
export type RelayGrant = {
  readonly grantIndex: number
  readonly line: number
  readonly clients: readonly { readonly text: string; readonly line: number }[]
  readonly relays: readonly { readonly text: string; readonly line: number }[]
  /** Parameter sets as written (spec/policy.md §14). */
  readonly parameters: readonly Json[]
}

/** All grants of the relay capability, in the order of the document. */
export function relayGrants(compiled: CompiledPolicy): RelayGrant[] {
  return compiled.grants.flatMap((grant) => {
    const parameters = grant.app.get(relayCapability)
    if (parameters === undefined) return []
    return [{
      grantIndex: grant.index,
      line: grant.line,
      clients: grant.src.map(({ text, line }) => ({ text, line })),
      relays: grant.dst.map(({ text, line }) => ({ text, line })),
      parameters,
    }]
  })
}
