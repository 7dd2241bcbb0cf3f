'use client'

import { clsx } from 'clsx'
import { useEffect, useMemo, useRef } from 'react'
import { EditorLine } from './editor-line.tsx'
import type { EditorProblem } from './model/check.ts'
import { lineOfOffset, offsetOfLine, splitLines } from './model/lines.ts'
import { drawnLines, type Mark } from './model/tokens.ts'

/** Beyond this many characters the text is shown without colours: drawing it would be slower than typing. */
const maxDrawn = 150_000
const lineHeight = 20

/** A place to go to: a new object goes there again, even to the same line. */
export type Target = { readonly line: number; readonly focus: boolean }

type Props = {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onLine: (line: number) => void
  readonly onSave: () => void
  readonly readOnly: boolean
  readonly problems: readonly EditorProblem[]
  readonly changed: ReadonlySet<number>
  readonly marked: number | undefined
  readonly target: Target | undefined
  /** Id of the list of problems. */
  readonly describedBy: string
}

/**
 * The policy's text with line numbers, colours and marks. A real text field lies over the drawn lines with invisible
 * letters, so that selection, undo, input methods and screen readers are the browser's own.
 */
export function PolicyEditor({ value, onChange, onLine, onSave, readOnly, problems, changed, marked, target, describedBy }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const drawn = value.length <= maxDrawn
  const lines = useMemo(() => (value.length <= maxDrawn ? drawnLines(value, problems) : []), [value, problems])
  const worst = useMemo(() => worstByLine(problems), [problems])
  const invalid = problems.some(({ severity }) => severity === 'error')

  useEffect(() => {
    if (target === undefined || scroller.current === null || field.current === null) return
    const { clientHeight } = scroller.current
    scroller.current.scrollTop = Math.max(0, (target.line - 1) * lineHeight - clientHeight / 3)
    if (!target.focus) return
    const start = offsetOfLine(field.current.value, target.line)
    field.current.focus({ preventScroll: true })
    field.current.setSelectionRange(start, start)
  }, [target])

  return (
    <div ref={scroller} className="max-h-[70vh] min-h-64 flex-1 overflow-auto py-2 font-mono text-12 leading-5">
      <div className={clsx('relative min-h-full min-w-max', !drawn && 'h-full w-full')}>
        {drawn && (
          <pre aria-hidden="true" className="m-0 text-12! leading-5">
            {lines.map((runs, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- a line is its number
              <EditorLine key={at} number={at + 1} runs={runs} changed={changed.has(at + 1)} marked={marked === at + 1} problem={worst.get(at + 1)} />
            ))}
          </pre>
        )}
        <textarea
          ref={field}
          aria-label="Policy text"
          aria-describedby={describedBy}
          aria-invalid={invalid}
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          wrap="off"
          readOnly={readOnly}
          rows={splitLines(value).length}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onSelect={(event) => onLine(lineOfOffset(value, event.currentTarget.selectionStart))}
          onKeyDown={(event) => {
            if ((event.ctrlKey || event.metaKey) && event.key === 's') {
              event.preventDefault()
              onSave()
            }
          }}
          className={clsx(
            'resize-none border-0 bg-transparent p-0 pl-13 font-mono text-12 leading-5 whitespace-pre text-foreground caret-foreground focus-visible:outline-none',
            // The letters are the drawn lines’ below; only the caret and the selection are the field’s own.
            drawn && 'absolute inset-0 overflow-hidden selection:bg-accent/25 [-webkit-text-fill-color:transparent]',
            !drawn && 'h-full w-full overflow-auto',
          )}
        />
      </div>
    </div>
  )
}

/** The worst problem of each line. Bounded by the problems shown. */
function worstByLine(problems: readonly EditorProblem[]): ReadonlyMap<number, Mark> {
  const worst = new Map<number, Mark>()
  for (const { line, severity } of problems) if (worst.get(line) !== 'error') worst.set(line, severity)
  return worst
}
