import { compilePolicy, subjectOf } from './compile.ts'
import type { PlacedSelector, Policy, PolicyNode } from './model.ts'
import { parseSelector, type Selector, selectorKey } from './selector.ts'

/** `own`: nodes of which a selector selects an address. `behind`: those behind which something of it lies. */
export type Selected<N> = { readonly own: readonly N[]; readonly behind: readonly N[] }

/** Whom each of these selectors selects, be it in a rule or not; nobody for any other. */
export function selectedBy<N extends PolicyNode>(policy: Policy, selectors: readonly Selector[], nodes: readonly N[]): (selector: Selector) => Selected<N> {
  const place = { line: 1, column: 1, offset: 0, length: 0 }
  const src = selectors.map((selector): PlacedSelector => ({ text: selectorKey(selector), selector, place }))
  // They are compiled by themselves, as sources of a rule that gives nothing.
  const asked = compilePolicy({ ...policy, grants: [{ index: 0, origin: { list: 'grants', index: 0 }, place, src, dst: [], ip: [], app: new Map(), via: [] }], nodeAttrs: [] })
  const numbers = new Map(asked.selectors.map((selector, at) => [selectorKey(selector), at]))
  const seen = nodes.map((node) => ({ node, subject: subjectOf(asked, node) }))
  return (selector) => {
    const number = numbers.get(selectorKey(selector))
    if (number === undefined) return { own: [], behind: [] }
    return {
      own: seen.filter(({ subject }) => (subject.hits[number] ?? 0) !== 0).map(({ node }) => node),
      behind: seen.filter(({ subject }) => (subject.behind[number] ?? 0) !== 0).map(({ node }) => node),
    }
  }
}

/** What a text selects by a policy's names; undefined: it is no selector, or of a name that is not defined. */
export function selectorNamed(text: string, policy: Policy): Selector | undefined {
  const parsed = parseSelector(text)
  if (!parsed.ok) return undefined
  const written = parsed.value
  switch (written.kind) {
    case 'host': {
      const range = policy.hosts.get(written.name)
      return range === undefined ? undefined : { kind: 'range', range }
    }
    case 'ipset-name': {
      const ranges = policy.ipsets.get(written.name)
      return ranges === undefined ? undefined : { kind: 'ipset', name: written.name, ranges }
    }
    case 'unknown-autogroup': return undefined
    case 'group': return policy.groups.has(written.name) ? written : undefined
    case 'tag': return policy.tagOwners.has(written.name) ? written : undefined
    default: return written
  }
}
