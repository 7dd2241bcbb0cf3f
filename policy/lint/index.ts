import type { CompiledPolicy } from '../compile.ts'
import type { Policy } from '../model.ts'
import { createReporter } from '../problem.ts'
import { lintContext } from './context.ts'
import { duplicate } from './duplicate.ts'
import { exitApprover } from './exit-approver.ts'
import type { Lint, LintNetwork, LintProblem } from './model.ts'
import { noMachine } from './no-machine.ts'
import { oldClient } from './old-client.ts'
import { oneFamily } from './one-family.ts'
import { idlePeople, unknownPerson } from './people.ts'
import { notARelay, relayNotGranted, reversed, unusedRelay } from './relays.ts'
import { shadowed } from './shadowed.ts'
import { stockRelayLimits } from './stock-relay-limits.ts'
import { tagUndefined, tagUnowned } from './tags.ts'
import { viaNothing } from './via-nothing.ts'
import { wildcardSource } from './wildcard-source.ts'

export type { LintNetwork, LintNode, LintProblem, LintCode } from './model.ts'
export { relayCapVersion } from './old-client.ts'

/** In this order where several stand at one place. */
const lints: readonly Lint[] = [
  reversed, notARelay, relayNotGranted, unusedRelay, wildcardSource, oldClient, stockRelayLimits, noMachine, viaNothing, oneFamily,
  unknownPerson, idlePeople, tagUnowned, tagUndefined, exitApprover, duplicate, shadowed,
]

/** A page shows the first few; more than this are of one cause. */
const mostProblems = 200

/**
 * What is valid in a document and most likely not meant, for the network as it is: warnings in the order of the text. `text`
 * is what `policy` was read from.
 */
export function lintPolicy(text: string, policy: Policy, compiled: CompiledPolicy, network: LintNetwork): LintProblem[] {
  const context = lintContext(text, policy, compiled, network)
  const { place } = createReporter(text)
  /** Bounded by what the lints find, which is by the document's selectors. */
  const found = new Map<string, LintProblem>()
  for (const { code, find } of lints) {
    for (const { span, message, fix, advice } of find(context)) {
      // The destinations of one acl share its sources: what is wrong with those is said once.
      const key = `${code} ${span.offset} ${message}`
      if (!found.has(key)) found.set(key, { ...place(span), severity: 'warning', message, code, ...(fix && { fix }), ...(advice !== undefined && { advice }) })
    }
  }
  return [...found.values()].toSorted((a, b) => a.offset - b.offset).slice(0, mostProblems)
}
