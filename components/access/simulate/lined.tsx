'use client'
import { Fragment } from 'react'
import { lineParts } from '../model/line-parts.ts'

type OnLine = (line: number) => void

export function LineLink({ line, onLine }: { readonly line: number; readonly onLine: OnLine }) {
  return <button type="button" className="link" onClick={() => onLine(line)}>{line}</button>
}

/** A sentence in which every line of the policy leads to it. */
export function Lined({ text, onLine }: { readonly text: string; readonly onLine: OnLine }) {
  return lineParts(text).map((part, at) => (
    // oxlint-disable-next-line react/no-array-index-key -- the pieces of one sentence have no other name
    <Fragment key={at}>{'line' in part ? <LineLink line={part.line} onLine={onLine} /> : part.text}</Fragment>
  ))
}

/** "line 3", "lines 3 and 5". */
export function LineLinks({ lines, onLine }: { readonly lines: readonly number[]; readonly onLine: OnLine }) {
  const all = [...new Set(lines)]
  return (
    <>
      {all.length === 1 ? 'line ' : 'lines '}
      {all.map((line, at) => <Fragment key={line}>{at === 0 ? '' : at === all.length - 1 ? ' and ' : ', '}<LineLink line={line} onLine={onLine} /></Fragment>)}
    </>
  )
}
