import { compilePolicy, type CompiledPolicy } from '@/policy/compile.ts'
import type { Fix, Policy, Problem } from '@/policy/index.ts'
import { parsePolicy } from '@/policy/parse.ts'
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
  return { problems, grants: grantViews(text, parsed.policy), policy: parsed.policy, compiled: compilePolicy(parsed.policy) }
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

/** "1 error, 2 warnings", "1 warning, no errors", "No problems". */
export function problemSummary(problems: readonly EditorProblem[]): string {
  const count = (severity: EditorProblem['severity']): number => problems.filter((problem) => problem.severity === severity).length
  const errors = count('error')
  const warnings = count('warning')
  const warned = `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  if (errors > 0) return `${errors} ${errors === 1 ? 'error' : 'errors'}${warnings > 0 ? `, ${warned}` : ''}`
  return warnings > 0 ? `${warned}, no errors` : 'No problems'
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
