import { type Json, relayCapability } from '../capability.ts'
import type { SelectorUse } from '../compile.ts'
import type { Work } from '../nearest.ts'
import { grantTerms } from '../relay-terms.ts'
import { coversIn, ipCovered } from './covers.ts'
import { removeGrant, ruleWords } from './edits.ts'
import type { Lint, LintContext, LintGrant } from './model.ts'

/** Pairs of grants, and of selectors, compared at most: what a document of 10,000 grants with the same sources has would take seconds. */
const mostCompared = 3_000_000

/** A grant that another one wholly covers: taking it out changes nothing for anybody, whoever joins. */
export const shadowed: Lint = {
  code: 'shadowed',
  find: (context) => {
    const work: Work = { left: mostCompared }
    const covering = tables(context, work)
    /** By source selector: the grants that have it. Bounded by the document's selectors. */
    const bySource = new Map<number, LintGrant[]>()
    for (const grant of context.grants) {
      for (const { selector } of grant.compiled.src) {
        const list = bySource.get(selector)
        if (list === undefined) bySource.set(selector, [grant])
        else if (list.at(-1) !== grant) list.push(grant)
      }
    }
    return context.grants.flatMap((grant) => {
      const [source] = grant.compiled.src
      if (source === undefined || grant.compiled.dst.length === 0) return []
      for (const wide of covering('src', source.selector)) {
        for (const other of bySource.get(wide) ?? []) {
          if (work.left-- <= 0) return []
          if (other === grant || !coversGrant(covering, other, grant)) continue
          // Of two that say the same the later one is the one too many.
          if (other.written.index > grant.written.index && coversGrant(covering, grant, other)) continue
          const [first] = grant.written.origin.dst === undefined ? [] : grant.written.dst
          return [{
            span: first?.place ?? grant.written.place,
            message: `This adds nothing: ${ruleWords(other)} already allows all of it.`,
            fix: removeGrant(context, grant),
          }]
        }
      }
      return []
    })
  },
}

type Covering = (side: 'src' | 'dst', selector: number) => ReadonlySet<number>

/** Which selectors cover a selector, itself included; itself alone when `work` is used up. Bounded by pairs of the document's distinct selectors, and by `work`. */
function tables({ compiled, policy }: LintContext, work: Work): Covering {
  const sides = { src: coversIn(policy, 'src'), dst: coversIn(policy, 'dst') }
  const known = { src: new Map<number, ReadonlySet<number>>(), dst: new Map<number, ReadonlySet<number>>() }
  return (side, selector) => {
    const made = known[side].get(selector)
    if (made !== undefined) return made
    const asked = compiled.selectors[selector]
    work.left -= compiled.selectors.length
    const fresh = asked === undefined || work.left <= 0 ? new Set([selector]) : new Set(compiled.selectors.flatMap((wide, at) => (at === selector || sides[side](wide, asked) ? [at] : [])))
    known[side].set(selector, fresh)
    return fresh
  }
}

function coversGrant(covering: Covering, { compiled: a }: LintGrant, { compiled: b }: LintGrant): boolean {
  // A choice of routers is not the same as any of them: only the same choice, or none, covers it.
  if (a.via.length > 0 && !sameUses(a.via, b.via)) return false
  if (!b.src.every(({ selector }) => meets(covering('src', selector), a.src))) return false
  if (!b.dst.every(({ selector }) => meets(covering('dst', selector), a.dst))) return false
  // Of the network without what routers carry, `*` is less as a destination of capabilities than of ports.
  if (b.app.size > 0 && a.dst.length > 0 && !b.dst.every(({ selector }) => meets(covering('src', selector), a.dst))) return false
  return b.ip.every((entry) => ipCovered(a.ip, entry)) && [...b.app].every(([name, values]) => givesAll(a, b, name, values))
}

function meets(wide: ReadonlySet<number>, uses: readonly SelectorUse[]): boolean {
  return uses.some(({ selector }) => wide.has(selector))
}

function sameUses(a: readonly SelectorUse[], b: readonly SelectorUse[]): boolean {
  return a.every(({ selector }) => b.some((one) => one.selector === selector)) && b.every(({ selector }) => a.some((one) => one.selector === selector))
}

type Compiled = LintGrant['compiled']

function givesAll(a: Compiled, b: Compiled, name: string, values: readonly Json[]): boolean {
  const given = a.app.get(name)
  if (given === undefined) return false
  if (JSON.stringify(given) === JSON.stringify(values)) return true
  if (name !== relayCapability) return false
  // The most generous limit wins, so a narrower grant beside a wider one has no effect.
  const [wide, narrow] = [grantTerms(a), grantTerms(b)]
  const isWider = (one: number | undefined, other: number | undefined): boolean => one === undefined || (other !== undefined && one >= other)
  return wide.prefer >= narrow.prefer && (wide.family === undefined || wide.family === narrow.family) &&
    isWider(wide.maxSessions, narrow.maxSessions) && isWider(wide.maxRate, narrow.maxRate) && isWider(wide.quota, narrow.quota)
}
