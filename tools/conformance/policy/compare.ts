import { z } from 'zod'
import {
  attributesOf, compilePolicy, filterContext, filterFor, formatAddress, parseAddress, parsePolicy, seeEachOther, subjectOf, testPolicy, type Policy, type PolicyNode,
} from '../../../policy/index.ts'
import type { Case, Verdict } from '../case.ts'
import { attributeDifferences } from './attributes.ts'
import { boxesOf, filterSchema } from './boxes.ts'
import { filterDifferences } from './difference.ts'
import { caseSchema, nodesOf, peopleOf, policyText, wasAccepted, type PolicyCase } from './form.ts'

/** Compares one recorded case with what this compiler makes of it (spec/policy.md §16). Never throws: what cannot be read differs. */
export function comparePolicyCase(value: unknown, at: number): Case {
  const name = nameOf(value, at)
  try {
    return { name, verdict: verdictOf(caseSchema.parse(value)) }
  } catch (error) {
    return { name, verdict: { kind: 'differs', reason: `not in the vectors’ form: ${wordsOf(error)}` } }
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof z.ZodError) return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function nameOf(value: unknown, at: number): string {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' ? value.id : `case ${at + 1}`
}

function verdictOf(recorded: PolicyCase): Verdict {
  const nodes = nodesOf(recorded)
  const read = accept(recorded, nodes)
  if (!wasAccepted(recorded)) {
    const said = recorded.message ? ` (${recorded.message})` : ''
    return read.ok ? differs([`recorded as refused${said}, accepted here`]) : agrees
  }
  if (!read.ok) return differs([`recorded as accepted, refused here: ${read.reason}`])
  const differences = answerDifferences(recorded, read.policy, nodes)
  if (differences.length === 0) return agrees
  const without = withoutLiterals(recorded, read.policy, nodes)
  if (without !== undefined && answerDifferences(recorded, read.policy, without).length === 0) {
    return { kind: 'stricter', reason: 'the IPv6 address that the document names is recorded as a node’s, yet the node was sent no rule for it: it was not its address then (spec/policy.md §16)' }
  }
  return differs(differences)
}

const agrees: Verdict = { kind: 'agrees' }
const differs = (reasons: readonly string[]): Verdict => ({ kind: 'differs', reason: reasons.join('; ') })

type Read = { readonly ok: true; readonly policy: Policy } | { readonly ok: false; readonly reason: string }

function accept(recorded: PolicyCase, nodes: readonly PolicyNode[]): Read {
  const parsed = parsePolicy(policyText(recorded))
  if (parsed.ok) {
    const failed = testPolicy(parsed.policy, compilePolicy(parsed.policy), nodes, peopleOf(recorded)).find(({ passed }) => !passed)
    return failed === undefined ? { ok: true, policy: parsed.policy } : { ok: false, reason: `${failed.place.line}:${failed.place.column}: ${failed.reason}` }
  }
  return { ok: false, reason: parsed.problems.filter(({ severity }) => severity === 'error').slice(0, 3).map(({ line, column, message }) => `${line}:${column}: ${message}`).join(' ') }
}

/** Of every node that the recording answers for; one that is missing there was not asked. */
function answerDifferences({ expect }: PolicyCase, policy: Policy, nodes: readonly PolicyNode[]): string[] {
  const compiled = compilePolicy(policy)
  const subjects = nodes.map((node) => subjectOf(compiled, node))
  const context = filterContext(compiled, subjects)
  const given = new Set([...policy.nodeAttrs.flatMap(({ attr }) => attr), ...subjects.flatMap((subject) => attributesOf(compiled, subject))])
  return Object.entries(expect ?? {}).flatMap(([name, answer]) => {
    const self = subjects.find(({ node }) => node.name === name)
    if (self === undefined) return [`${name}: answered for, but not among the nodes`]
    const found: string[] = []
    if (answer?.packetFilter !== undefined) {
      const recorded = filterSchema.parse(answer.packetFilter ?? [])
      found.push(...filterDifferences(boxesOf(filterSchema.parse(filterFor(context, self))), boxesOf(recorded)))
    }
    if (answer?.peers !== undefined) {
      const peers = subjects.filter((other) => other !== self && seeEachOther(compiled, self, other)).map(({ node }) => node.name)
      found.push(...peerDifferences(peers, answer.peers ?? []))
    }
    if (answer?.capMap !== undefined) found.push(...attributeDifferences(new Set(attributesOf(compiled, self)), answer.capMap ?? {}, given))
    return found.map((difference) => `${name}: ${difference}`)
  })
}

export function peerDifferences(ours: readonly string[], recorded: readonly string[]): string[] {
  const missing = recorded.filter((name) => !ours.includes(name))
  const extra = ours.filter((name) => !recorded.includes(name))
  return [
    ...(missing.length > 0 ? [`peers missing: ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`peers too many: ${extra.join(', ')}`] : []),
  ]
}

/**
 * The nodes without those IPv6 addresses that a rule names as they are, of nodes that are recorded with no rule at all; undefined: there is none.
 * Addresses in recordings were replaced by made-up ones, and one did not fit (spec/policy.md §16).
 */
function withoutLiterals({ expect }: PolicyCase, policy: Policy, nodes: readonly PolicyNode[]): PolicyNode[] | undefined {
  const named = new Set((policy.grants ?? []).flatMap(({ dst }) => dst.flatMap(({ selector }) =>
    (selector.kind === 'range' && selector.range.family === 6 && selector.range.first === selector.range.last ? [formatAddress({ family: 6, value: selector.range.first })] : []))))
  let changed = false
  const without = nodes.map((node) => {
    const answer = expect?.[node.name]?.packetFilter
    if (answer === undefined || filterSchema.parse(answer ?? []).length > 0) return node
    const addresses = node.addresses.filter((text) => {
      const address = parseAddress(text)
      return address === undefined || !named.has(formatAddress(address))
    })
    changed ||= addresses.length < node.addresses.length
    return { ...node, addresses }
  })
  return changed ? without : undefined
}
