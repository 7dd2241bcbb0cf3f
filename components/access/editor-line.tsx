import { clsx } from 'clsx'
import { memo } from 'react'
import type { Mark, Run, TokenKind } from './model/tokens.ts'

const looks: Readonly<Record<TokenKind, string>> = {
  key: 'text-accent',
  string: 'text-foreground',
  comment: 'text-muted-foreground italic',
  punctuation: 'text-muted-foreground',
  value: 'text-foreground',
  space: '',
}
const waves: Readonly<Record<Mark, string>> = {
  error: 'underline decoration-wavy decoration-1 underline-offset-4 decoration-critical',
  warning: 'underline decoration-wavy decoration-1 underline-offset-4 decoration-warning',
}

type Props = {
  readonly number: number
  readonly runs: readonly Run[]
  readonly changed: boolean
  readonly marked: boolean
  readonly problem: Mark | undefined
}

/** One drawn line of the policy, 20 px high. Typing changes one line: the others are not drawn again. */
export const EditorLine = memo(function EditorLine({ number, runs, changed, marked, problem }: Props) {
  return (
    <span
      className={clsx(
        'block h-5 min-w-max pr-4 whitespace-pre',
        marked ? 'bg-selection' : changed ? 'bg-accent-muted' : 'bg-surface',
      )}
    >
      {/* Stays while long lines scroll by. */}
      <span className={clsx('sticky left-0 inline-block w-13 bg-inherit pr-4 text-right text-muted-foreground', (changed || marked) && 'shadow-[inset_2px_0_0_var(--accent)]')}>
        {problem !== undefined && (
          <span className={clsx('absolute top-1.5 left-1 size-2 rounded-full', problem === 'error' ? 'bg-critical' : 'bg-warning')} />
        )}
        {number}
      </span>
      {runs.map(({ text, kind, mark }, at) => (
        // Runs of one line have no other identity than their place.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={at} className={clsx(looks[kind], mark !== undefined && waves[mark])}>{text}</span>
      ))}
    </span>
  )
}, sameLine)

function sameLine(a: Props, b: Props): boolean {
  return a.number === b.number && a.changed === b.changed && a.marked === b.marked && a.problem === b.problem
    && a.runs.length === b.runs.length
    && a.runs.every((run, at) => {
      const other = b.runs[at]
      return other !== undefined && run.text === other.text && run.kind === other.kind && run.mark === other.mark
    })
}
