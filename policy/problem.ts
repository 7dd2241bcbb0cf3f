/** A place in a policy document. `line` and `column` count from 1; offsets and lengths are UTF-16 units, as editors count. */
export type Place = { readonly line: number; readonly column: number; readonly offset: number; readonly length: number }

/** A replacement that an editor can offer for what a problem marks. */
export type Fix = { readonly label: string; readonly offset: number; readonly length: number; readonly replacement: string }

/** Something wrong with a document (`error`: it is refused) or worth knowing (`warning`: it is accepted). */
export type Problem = Place & {
  readonly message: string
  readonly severity: 'error' | 'warning'
  readonly fix?: Fix
}

/** The part of the text that a problem marks. */
export type Span = { readonly offset: number; readonly length: number }

export type Reporter = {
  error(span: Span, message: string, fix?: Fix): void
  warning(span: Span, message: string, fix?: Fix): void
  place(span: Span): Place
  /** All problems so far, in the order of the text. */
  problems(): Problem[]
  failed(): boolean
}

/** A document of a megabyte can be wrong in a million places; a page shows the first few. */
const maxProblems = 200

export function createReporter(text: string): Reporter {
  const starts = lineStarts(text)
  const found: Problem[] = []
  let errors = 0

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

  function add(severity: 'error' | 'warning', span: Span, message: string, fix?: Fix): void {
    if (severity === 'error') errors++
    if (found.length >= maxProblems) return
    found.push({ ...place(span), message, severity, ...(fix === undefined ? {} : { fix }) })
  }

  return {
    error: (span, message, fix) => add('error', span, message, fix),
    warning: (span, message, fix) => add('warning', span, message, fix),
    place,
    problems: () => found.toSorted((a, b) => a.offset - b.offset),
    failed: () => errors > 0,
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1)
  }
  return starts
}
