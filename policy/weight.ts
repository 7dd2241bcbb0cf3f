import type { CompiledPolicy } from './compile.ts'
import type { PolicyNode } from './model.ts'
import { createPolicyIndex } from './network/policy-index.ts'

/** An address in a list of sources: in the list, in the parts of it that are sent, and in the list before it while a change is on its way. */
const bytesAnAddress = 32
/** What lists may take, of the 500 MB that a policy may cost (spec/policy.md §15). */
export const mostListBytes = 400_000_000

/**
 * Why a policy is too much for a network, in a sentence for its author; undefined: it is not. Different lists of sources cost what is
 * in them, once each: many grants for many machines each, no two for the same.
 */
export function weightProblem(compiled: CompiledPolicy, nodes: readonly PolicyNode[], most = mostListBytes): string | undefined {
  const index = createPolicyIndex(compiled)
  for (const node of nodes) index.upsert(node)
  const bytes = index.listedAddresses() * bytesAnAddress
  if (bytes <= most) return undefined
  const inMB = (amount: number): string => `${Math.ceil(amount / 1e6)} MB`
  return `The sources of these grants would take ${inMB(bytes)}, and ${inMB(most)} is the most: let grants share their sources, such as one group for many.`
}
