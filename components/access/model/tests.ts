import { applyEdit, entriesOf } from '@/policy/edit/index.ts'
import { compilePolicy } from '@/policy/compile.ts'
import type { Json, PolicyNode, PolicyPerson, TestOutcome } from '@/policy/index.ts'
import { parsePolicy } from '@/policy/parse.ts'
import { testPolicy } from '@/policy/test/test-policy.ts'
import type { LocalCheck } from './check.ts'

/** What tests are run with. */
export type TestNetwork = { readonly nodes: readonly PolicyNode[]; readonly people: readonly PolicyPerson[] }

/** What a draft's tests say, those that fail first; undefined: it has errors that hide them. */
export function draftOutcomes({ policy, compiled }: Pick<LocalCheck, 'policy' | 'compiled'>, { nodes, people }: TestNetwork): readonly TestOutcome[] | undefined {
  if (policy === undefined || compiled === undefined) return undefined
  return testPolicy(policy, compiled, nodes, people).toSorted((a, b) => Number(a.passed) - Number(b.passed))
}

/** "may reach", "may not use as a relay". */
export function claimWords({ kind, expected }: Pick<TestOutcome, 'kind' | 'expected'>): string {
  return `${expected === 'accept' ? 'may' : 'may not'} ${kind === 'relay' ? 'use as a relay' : 'reach'}`
}

/** A new test as its form holds it. */
export type TestForm = {
  readonly kind: TestOutcome['kind']
  readonly src: string
  /** A destination, or a relay. */
  readonly dst: string
  readonly port: string
  /** Empty: TCP or UDP. */
  readonly proto: '' | 'tcp' | 'udp' | 'sctp'
  readonly expected: TestOutcome['expected']
}

export const emptyTest: TestForm = { kind: 'reach', src: '', dst: '', port: '', proto: '', expected: 'accept' }

type Entry = { readonly [key: string]: Json }

function entryOf({ kind, src, dst, port, proto, expected }: TestForm): Entry {
  const to = dst.trim()
  if (kind === 'relay') return { relay: [{ src: src.trim(), via: to, [expected]: true }] }
  const target = `${/^[0-9a-f.]*:[0-9a-f:.]*$/i.test(to) ? `[${to}]` : to}:${port.trim()}`
  return { src: src.trim(), ...(proto === '' ? {} : { proto }), [expected]: [target] }
}

export type TestField = 'src' | 'dst' | 'port'
export type TestFormResult = {
  /** The document with the test; undefined: it cannot be written, or would be refused. */
  readonly text: string | undefined
  /** What the test says with today's machines; undefined: it is not complete. */
  readonly outcome: TestOutcome | undefined
  readonly problems: Readonly<Partial<Record<TestField, string>>>
}

/** The document with a new test at the end of "tests", and what it would say. */
export function tryTest(text: string, form: TestForm, { nodes, people }: TestNetwork): TestFormResult {
  const open = openFields(form)
  if (Object.keys(open).length > 0) return { text: undefined, outcome: undefined, problems: open }
  const made = applyEdit(text, { kind: 'add', list: 'tests', value: entryOf(form) })
  if (!made.ok) return { text: undefined, outcome: undefined, problems: { dst: made.reason } }
  const parsed = parsePolicy(made.value)
  if (!parsed.ok) {
    const wrong = parsed.problems.find(({ severity }) => severity === 'error')
    const isSource = wrong !== undefined && made.value.slice(wrong.offset, wrong.offset + wrong.length) === JSON.stringify(form.src.trim())
    return { text: undefined, outcome: undefined, problems: { [isSource ? 'src' : 'dst']: wrong?.message ?? 'The text has errors: correct them first.' } }
  }
  const at = entriesOf(made.value, 'tests').length - 1
  const outcome = testPolicy(parsed.policy, compilePolicy(parsed.policy), nodes, people).find(({ entry }) => entry === at)
  return { text: made.value, outcome, problems: {} }
}

function openFields({ kind, src, dst, port }: TestForm): Partial<Record<TestField, string>> {
  const isPort = /^[1-9][0-9]{0,4}$/.test(port.trim()) && Number(port) <= 65_535
  return {
    ...(src.trim() === '' ? { src: 'Name one source, such as group:dev or tag:web.' } : {}),
    ...(dst.trim() === '' ? { dst: kind === 'relay' ? 'Name the relay, such as tag:relay.' : 'Name one destination, such as tag:web.' } : {}),
    ...(kind === 'reach' && !isPort ? { port: 'One port, from 1 to 65535.' } : {}),
  }
}
