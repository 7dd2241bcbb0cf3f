import { nearest, type Work } from './nearest.ts'
import { removal } from './removal.ts'

/** A place in a policy document. `line` and `column` count from 1; offsets and lengths are UTF-16 units, as editors count. */
export type Place = { readonly line: number; readonly column: number; readonly offset: number; readonly length: number }

/** A replacement that an editor can offer for what a problem marks. */
export type Fix = { readonly label: string; readonly offset: number; readonly length: number; readonly replacement: string }

/** What kind of thing is wrong (spec/policy.md §13). Programs tell problems apart by it, never by the message, which may change. */
export type ProblemCode =
  // The text.
  | 'limit' | 'encoding' | 'syntax' | 'duplicate-key'
  // Its shape.
  | 'unknown-key' | 'wrong-type' | 'missing-key' | 'both-names' | 'invalid-value'
  // Names and selectors.
  | 'invalid-name' | 'invalid-selector' | 'not-allowed-here' | 'circular-ipset'
  // A name that is defined nowhere: `name` says which.
  | 'unknown-group' | 'unknown-tag' | 'unknown-host' | 'unknown-ipset' | 'unknown-autogroup'
  // Rules.
  | 'whole-family' | 'self-source' | 'invalid-port' | 'invalid-action' | 'gives-nothing' | 'invalid-capability' | 'invalid-parameter' | 'posture'
  // The other lists.
  | 'invalid-attribute' | 'invalid-test'
  // Warnings.
  | 'no-effect' | 'always-empty' | 'bits-ignored' | 'unknown-parameter'

/** Something wrong with a document (`error`: it is refused) or worth knowing (`warning`: it is accepted). */
export type Problem = Place & {
  readonly code: ProblemCode
  readonly message: string
  readonly severity: 'error' | 'warning'
  /** The unknown key, or the name that is defined nowhere, as written. */
  readonly name?: string
  readonly fix?: Fix
}

/** The part of the text that a problem marks. */
export type Span = { readonly offset: number; readonly length: number }

/** A name that is not known where it stands, and those that are. */
export type UnknownName = {
  readonly code: ProblemCode
  readonly name: string
  readonly message: string
  readonly known: Iterable<string>
  /** What was meant, where that is clear without comparing. */
  readonly meant?: string | undefined
  /** The whole string to write for a known name, where the name is only a part of it. */
  readonly rewrite?: (meant: string) => string
  /** What to do where no known name is near. */
  readonly otherwise?: Fix
}

export type Reporter = {
  error(span: Span, code: ProblemCode, message: string, fix?: Fix): void
  warning(span: Span, code: ProblemCode, message: string, fix?: Fix): void
  /** An error that names the nearest known name, and offers it. */
  unknown(span: Span, name: UnknownName): void
  place(span: Span): Place
  /** A fix that takes a member or an element out, with its comma. */
  removing(label: string, span: Span): Fix
  /** All problems so far, in the order of the text. */
  problems(): Problem[]
  failed(): boolean
  /** There are more errors than are listed: looking for others adds nothing. */
  full(): boolean
}

/** A document of a megabyte can be wrong in a million places; of each severity these many are listed, and the rest counted. */
const maxProblems = 200
const maxMessage = 400
/** So much comparing of names a document is worth: some ten milliseconds. */
const maxComparing = 2_000_000

export function createReporter(text: string): Reporter {
  const starts = lineStarts(text)
  /** Bounded: `maxProblems` of each severity. */
  const found: Problem[] = []
  const counts = { error: 0, warning: 0 }
  const work: Work = { left: maxComparing }

  function place(reported: Span): Place {
    // The parser reports an unfinished comment one character beyond the end.
    const offset = Math.min(reported.offset, text.length)
    const span = { offset, length: Math.min(reported.length, text.length - offset) }
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= span.offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: span.offset - (starts[low] ?? 0) + 1, offset: span.offset, length: span.length }
  }

  function add(severity: 'error' | 'warning', span: Span, problem: Pick<Problem, 'code' | 'message' | 'name' | 'fix'>): void {
    if (counts[severity]++ < maxProblems) found.push({ ...place(span), severity, ...problem, message: shortened(problem.message) })
  }

  function unknown(span: Span, { code, name, message, known, meant: clear, rewrite = (text) => text, otherwise }: UnknownName): void {
    const meant = clear ?? (counts.error < maxProblems ? nearest(name, known, work) : undefined)
    if (meant === undefined) return add('error', span, { code, message, name, ...(otherwise === undefined ? {} : { fix: otherwise }) })
    const text = rewrite(meant)
    const fix = { label: `Change to "${text}"`, ...span, replacement: JSON.stringify(text) }
    add('error', span, { code, message: `${message} Did you mean "${meant}"?`, name, fix })
  }

  function unlisted(severity: 'error' | 'warning'): Problem[] {
    const more = counts[severity] - maxProblems
    if (more <= 0) return []
    return [{ ...place({ offset: text.length, length: 0 }), severity, code: 'limit', message: `${more} more ${severity}s are not listed.` }]
  }

  return {
    error: (span, code, message, fix) => add('error', span, { code, message, ...(fix === undefined ? {} : { fix }) }),
    warning: (span, code, message, fix) => add('warning', span, { code, message, ...(fix === undefined ? {} : { fix }) }),
    unknown,
    place,
    removing: (label, span) => ({ label, ...removal(text, span), replacement: '' }),
    problems: () => [...found.toSorted((a, b) => a.offset - b.offset), ...unlisted('error'), ...unlisted('warning')],
    failed: () => counts.error > 0,
    full: () => counts.error > maxProblems,
  }
}

/** A message quotes what is wrong, which may be as long as the document; its sentence is at the end. */
function shortened(message: string): string {
  return message.length <= maxMessage ? message : `${message.slice(0, 100)}…${message.slice(100 - maxMessage)}`
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1)
  }
  return starts
}
