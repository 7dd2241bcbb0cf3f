'use client'
import { useMemo } from 'react'
import { cx } from '../ui/cx.ts'
import { plural } from '../ui/format.ts'
import { diffTexts, firstLines, type DiffLine } from './model/diff.ts'

/** More lines are counted: a change of that size is not read line by line. */
const maxShown = 2_000

const looks: Readonly<Record<DiffLine['kind'], { readonly box: string; readonly sign: string; readonly word: string }>> = {
  same: { box: '', sign: ' ', word: '' },
  removed: { box: 'bg-critical-muted', sign: '−', word: 'removed: ' },
  added: { box: 'bg-positive-muted', sign: '+', word: 'added: ' },
}

/** What differs between two texts, with a few lines around it; long lines are scrolled to. */
export function DiffView({ before, after, label }: { readonly before: string; readonly after: string; readonly label: string }) {
  const { hunks, added, removed } = useMemo(() => diffTexts(before, after), [before, after])
  const shown = useMemo(() => firstLines(hunks, maxShown), [hunks])
  if (hunks.length === 0) return <p className="px-4 py-3 text-13 text-muted-foreground">No line differs.</p>
  return (
    <>
      <p className="border-b px-4 py-2 text-12 text-muted-foreground"><LineCounts added={added} removed={removed} /></p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <section tabIndex={0} aria-label={label} className="max-h-96 overflow-auto py-2 font-mono text-12 leading-5">
        <div className="grid w-max min-w-full">
          {shown.map(({ lines }, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- a hunk is its place
            <div key={at} className={cx('grid', at > 0 && 'mt-2 border-t pt-2')}>
              {lines.map((line) => <Line key={`${line.before ?? ''} ${line.after ?? ''}`} line={line} />)}
            </div>
          ))}
        </div>
      </section>
      {added + removed > maxShown && <p className="border-t px-4 py-2 text-12 text-muted-foreground">Only the first {maxShown.toLocaleString('en')} lines are shown.</p>}
    </>
  )
}

function Line({ line: { kind, text, before, after } }: { readonly line: DiffLine }) {
  const { box, sign, word } = looks[kind]
  return (
    <span className={cx('block h-5 pr-4 whitespace-pre', box)}>
      <span className="inline-block w-12 pr-2 text-right text-muted-foreground select-none">{after ?? before}</span>
      <span aria-hidden="true" className="inline-block w-4 select-none">{sign}</span>
      {word !== '' && <span className="sr-only">{word}</span>}
      {text}
    </span>
  )
}

/** "+3 −1", read as words. */
export function LineCounts({ added, removed }: { readonly added: number; readonly removed: number }) {
  return (
    <span className="whitespace-nowrap">
      <span className="sr-only">{plural(added, 'line')} added, {plural(removed, 'line')} removed</span>
      <span aria-hidden="true"><span className="text-positive">+{added}</span> <span className="text-critical">−{removed}</span> {added + removed === 1 ? 'line' : 'lines'}</span>
    </span>
  )
}
