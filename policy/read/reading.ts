import type { AddressRange } from '../address.ts'
import type { Reporter, Span } from '../problem.ts'

/** The names that selectors may refer to. Bounded by the document. */
export type Names = {
  /** Each with its entries as written, for what a fix writes. */
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly tags: ReadonlySet<string>
  readonly hosts: ReadonlyMap<string, AddressRange>
  readonly ipsets: ReadonlyMap<string, readonly AddressRange[]>
}

/** More than these in one document are refused (spec/policy.md §1). */
export const maxSelectors = 100_000
export const maxRules = 10_000

/** What reading one document goes by. */
export type Reading = {
  readonly report: Reporter
  readonly names: Names
  /** Counts a selector of the document; false from the first that is too many, which is reported. */
  counts(span: Span): boolean
}

export function createReading(report: Reporter, names: Names): Reading {
  let selectors = 0
  const counts = (span: Span): boolean => {
    selectors++
    if (selectors === maxSelectors + 1) report.error(span, 'limit', `There are more than ${maxSelectors} selectors, which is the limit.`)
    return selectors <= maxSelectors
  }
  return { report, names, counts }
}
