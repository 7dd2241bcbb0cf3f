import type { GrantView } from './grants.ts'

/** Whether a row has all the words of a filter somewhere: in its selectors, what it gives, its comment, its line. `nameOf` is the machine of an address. */
export function rowMatches(row: GrantView, filter: string, nameOf: (address: string) => string | undefined): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return true
  const selectors = [...row.src, ...row.dst, ...row.via]
  const text = [
    ...selectors, ...selectors.map((one) => nameOf(one) ?? ''), ...row.gives.flatMap(({ kind, detail }) => [kind, detail]), row.comment, row.list === 'acls' ? 'acl' : 'grant', `line ${row.line}`,
  ].join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}
