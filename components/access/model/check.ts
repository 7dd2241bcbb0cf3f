import { compilePolicy, type CompiledPolicy } from '@/policy/compile.ts'
import type { Fix, Policy, Problem } from '@/policy/index.ts'
import { parsePolicy } from '@/policy/parse.ts'
import type { PolicyCheck } from '../../../server/trpc/types.ts'
import { grantViews, type GrantView } from './grants.ts'

/** A problem as the editor shows it, from the browser's own check or the control plane's. */
export type EditorProblem = {
  readonly severity: 'error' | 'warning'
  readonly line: number
  readonly column: number
  readonly from: number
  readonly to: number
  readonly message: string
  /** What to do, in words; empty: the message says it. */
  readonly fix: string
  /** A test that fails: the text itself is right. */
  readonly isTest?: true
  /** A replacement that one press makes. */
  readonly change?: Fix
}

/** What the browser knows of a text by itself, without asking. */
export type LocalCheck = {
  readonly problems: readonly EditorProblem[]
  /** Empty while the text has errors. */
  readonly grants: readonly GrantView[]
  readonly policy: Policy | undefined
  readonly compiled: CompiledPolicy | undefined
}

export function checkText(text: string): LocalCheck {
  const parsed = parsePolicy(text)
  const problems = parsed.problems.map(editorProblem)
  if (!parsed.ok) return { problems, grants: [], policy: undefined, compiled: undefined }
  return { problems, grants: grantViews(text, parsed.policy, parsed.tree), policy: parsed.policy, compiled: compilePolicy(parsed.policy) }
}

function editorProblem({ severity, line, column, offset, length, message, fix }: Problem): EditorProblem {
  return {
    severity, line, column, from: offset, to: offset + length, message,
    fix: fix?.label ?? '', ...(fix === undefined ? {} : { change: fix }),
  }
}

/** Adds what the control plane alone knows (tags in use, for example); equal places and messages are one problem. */
export function mergeProblems(local: readonly EditorProblem[], remote: readonly EditorProblem[]): EditorProblem[] {
  const key = ({ severity, from, message }: EditorProblem): string => `${severity} ${from} ${message}`
  const said = new Map(remote.map((problem) => [key(problem), problem]))
  const known = new Set(local.map(key))
  // What to write for a machine's name only the control plane can say.
  const advised = local.map((problem) => (problem.fix === '' ? { ...problem, fix: said.get(key(problem))?.fix ?? '' } : problem))
  return [...advised, ...remote.filter((problem) => !known.has(key(problem)))].toSorted((a, b) => a.from - b.from)
}

/** "1 error, 2 warnings", "1 test fails", "1 warning, no errors", "No problems". */
export function problemSummary(problems: readonly EditorProblem[]): string {
  const count = (severity: EditorProblem['severity']): number => problems.filter((problem) => problem.severity === severity && problem.isTest === undefined).length
  const errors = count('error')
  const warnings = count('warning')
  const warned = `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  const failing = problems.filter(({ isTest }) => isTest === true).length
  const wrong = [
    ...(errors > 0 ? [`${errors} ${errors === 1 ? 'error' : 'errors'}`] : []),
    ...(failing > 0 ? [failing === 1 ? '1 test fails' : `${failing} tests fail`] : []),
  ]
  if (wrong.length > 0) return [...wrong, ...(warnings > 0 ? [warned] : [])].join(', ')
  return warnings > 0 ? `${warned}, no errors` : 'No problems'
}

/** The tests that fail, as problems of their own. */
export function testProblems(tests: PolicyCheck['tests'] | undefined): EditorProblem[] {
  return tests === undefined ? [] : tests.failed.map(({ line, column, from, to, message }) => ({ severity: 'error', line, column, from, to, message, fix: '', isTest: true }))
}

/** What to look at first: an error, else a warning. */
export function firstProblem(problems: readonly EditorProblem[]): EditorProblem | undefined {
  return problems.find(({ severity }) => severity === 'error') ?? problems[0]
}

export function applyFix(text: string, { offset, length, replacement }: Fix): string {
  return text.slice(0, offset) + replacement + text.slice(offset + length)
}

/** The tags that a policy knows, to complete from: those with owners. */
export function knownTags(text: string): string[] {
  return [...(parsePolicy(text).policy?.tagOwners.keys() ?? [])].toSorted()
}

/** The grant that a line belongs to, comment above it included; undefined between grants. */
export function grantAtLine(grants: readonly GrantView[], line: number): GrantView | undefined {
  return grants.find((grant) => line >= grant.line - grant.commentLines && line <= grant.endLine)
}
