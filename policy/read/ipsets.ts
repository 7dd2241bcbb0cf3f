import type { Node } from '../syntax.ts'
import type { AddressRange } from '../address.ts'
import type { Reporter, Span } from '../problem.ts'
import { type RangeSet, rangeSet, type RangeStep, setOfSteps } from '../ranges.ts'
import { publicSpace } from '../route.ts'
import { parseSelector } from '../selector.ts'
import { expectArray, expectString, type Member, spanOf } from '../shape.ts'

/** One entry of an IP set; what it adds or removes are ranges, or another set by name. */
type Step = { readonly does: 'add' | 'remove'; readonly of: RangeSet | string; readonly span: Span }
type Written = { readonly keySpan: Span; readonly steps: readonly Step[] }
/** Several sets can contain one large one: what they come to together is bounded. */
const maxRanges = 100_000

/** Reads `ipsets`: names for lists of address ranges, each made step by step (spec/policy.md §3.1). */
export function readIpsets(
  members: readonly Member[], hosts: ReadonlyMap<string, AddressRange>, report: Reporter,
): ReadonlyMap<string, RangeSet> {
  const names = new Set(members.map(({ key }) => key))
  const written = new Map(members.map(({ key, keySpan, value }): [string, Written] =>
    [key, { keySpan, steps: readSteps(value, key, names, hosts, report) }]))
  return resolveAll(written, report)
}

function readSteps(
  node: Node, name: string, names: ReadonlySet<string>, hosts: ReadonlyMap<string, AddressRange>, report: Reporter,
): Step[] {
  const steps: Step[] = []
  const bare: { readonly target: string; readonly span: Span }[] = []
  let removes = false
  for (const child of expectArray(node, `"${name}"`, report) ?? []) {
    const text = expectString(child, `Each entry of "${name}"`, report)?.trim()
    if (text === undefined) continue
    const [, word, target = text] = /^(add|remove)\s+(.*)$/.exec(text) ?? []
    const span = spanOf(child)
    if (word === undefined) bare.push({ target, span })
    if (word === 'remove') removes = true
    const of = readTarget(target, word, span, names, hosts, report)
    if (of !== undefined) steps.push({ does: word === 'remove' ? 'remove' : 'add', of, span })
  }
  if (!removes) return steps
  for (const { target, span } of bare) {
    const fix = { label: `Change to "add ${target}"`, ...span, replacement: JSON.stringify(`add ${target}`) }
    report.error(span, 'invalid-value', `"${target}": beside "remove", an entry says "add" or "remove".`, fix)
  }
  return steps
}

function readTarget(
  target: string, word: string | undefined, span: Span, names: ReadonlySet<string>, hosts: ReadonlyMap<string, AddressRange>, report: Reporter,
): RangeSet | string | undefined {
  const rewrite = (meant: string): string => (word === undefined ? meant : `${word} ${meant}`)
  const parsed = parseSelector(target.startsWith('host:') ? target.slice('host:'.length) : target)
  if (!parsed.ok) {
    report.error(span, 'invalid-selector', parsed.reason)
    return undefined
  }
  const selector = parsed.value
  switch (selector.kind) {
    case 'range': return [selector.range]
    case 'internet': return rangeSet(publicSpace)
    case 'host': {
      const range = hosts.get(selector.name)
      if (range !== undefined) return [range]
      const message = `"${selector.name}" is not an address, and not defined in "hosts".`
      return void report.unknown(span, { code: 'unknown-host', name: selector.name, message, known: hosts.keys(), rewrite })
    }
    case 'ipset-name': {
      if (names.has(selector.name)) return selector.name
      const message = `The IP set "${selector.name}" is not defined in "ipsets".`
      return void report.unknown(span, { code: 'unknown-ipset', name: selector.name, message, known: names, rewrite })
    }
    default:
      report.error(span, 'not-allowed-here', `"${target}" cannot be in an IP set: it takes addresses, prefixes, ranges, hosts, IP sets and autogroup:internet.`)
      return undefined
  }
}

/** Each set after those that it contains, by a stack of its own: a chain of sets can be as long as the document. */
function resolveAll(written: ReadonlyMap<string, Written>, report: Reporter): ReadonlyMap<string, RangeSet> {
  const sets = new Map<string, RangeSet>()
  const total = { ranges: 0, tooMany: false }
  for (const root of written.keys()) {
    const stack = [{ name: root, at: 0 }]
    const open = new Set([root])
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const set = written.get(top.name)
      const step = set?.steps[top.at++]
      if (set === undefined || sets.has(top.name) || step === undefined) {
        if (set !== undefined && !sets.has(top.name)) sets.set(top.name, resolveOne(set, sets, total, report))
        open.delete(top.name)
        stack.pop()
      } else if (typeof step.of === 'string' && !sets.has(step.of)) {
        if (open.has(step.of)) {
          const way = step.of === top.name ? '' : `, by way of "${top.name}"`
          report.error(step.span, 'circular-ipset', `"${step.of}" contains itself${way}.`)
        } else {
          open.add(step.of)
          stack.push({ name: step.of, at: 0 })
        }
      }
    }
  }
  return sets
}

function resolveOne(
  { keySpan, steps }: Written, sets: ReadonlyMap<string, RangeSet>, total: { ranges: number; tooMany: boolean }, report: Reporter,
): RangeSet {
  const done = steps.map(({ does, of }): RangeStep => ({ does, ranges: typeof of === 'string' ? sets.get(of) ?? [] : of }))
  for (const { ranges } of done) total.ranges += ranges.length
  if (total.ranges <= maxRanges) return setOfSteps(done)
  if (!total.tooMany) report.error(keySpan, 'limit', `The IP sets together have more than ${maxRanges} ranges, which is the limit.`)
  total.tooMany = true
  return []
}
