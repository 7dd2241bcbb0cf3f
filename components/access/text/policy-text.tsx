'use client'
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { Known } from '@/policy/assist/index.ts'
import type { Fix } from '@/policy/index.ts'
import type { EditorProblem } from '../model/check.ts'
import { splitLines } from '../model/lines.ts'
import { worstByLine } from './model/worst.ts'
import type { Editor } from './editor.ts'

/** A place to go to: a new object goes there again, even to the same line. */
export type Target = { readonly line: number; readonly focus: boolean }

export type PolicyTextProps = {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onLine: (line: number) => void
  readonly onSave: () => void
  readonly onFormat: () => void
  readonly onFix: (fix: Fix) => void
  readonly readOnly: boolean
  readonly problems: readonly EditorProblem[]
  readonly changed: ReadonlySet<number>
  readonly known: Known
  readonly marked: number | undefined
  readonly target: Target | undefined
  /** Id of the list of problems. */
  readonly describedBy: string
}

function Hint() {
  return (
    <>
      Put the cursor on a selector to see whom it selects.<span className="max-card:hidden"> Ctrl Space completes, Ctrl I (⌘ I) explains, F8 goes to the next problem.</span>
    </>
  )
}

/** Texts given to the page that it has not shown yet: typing may be faster than drawing. Beyond this the oldest is forgotten. */
const maxUnseen = 32

/** The policy's text in its editor, which comes in a chunk of its own; until it is there, the plain text in the same place and size. */
export function PolicyText({ value, onChange, onLine, onSave, onFormat, onFix, readOnly, problems, changed, known, marked, target, describedBy }: PolicyTextProps) {
  const place = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<Editor>()
  const [failed, setFailed] = useState(false)
  const [about, setAbout] = useState('')
  const unseen = useRef<string[]>([])
  const change = useEffectEvent((text: string) => {
    unseen.current = [...unseen.current, text].slice(-maxUnseen)
    onChange(text)
  })
  const line = useEffectEvent((at: number) => onLine(at))
  const save = useEffectEvent(() => onSave())
  const format = useEffectEvent(() => onFormat())
  const fix = useEffectEvent((to: Fix) => onFix(to))
  const initial = useEffectEvent(() => value)

  useEffect(() => {
    let made: Editor | undefined
    let gone = false
    void import('./editor.ts').then(({ createEditor }) => {
      if (gone || place.current === null) return
      made = createEditor({
        parent: place.current, text: initial(), label: 'Policy text', describedBy,
        on: { change: (text) => change(text), line: (at) => line(at), save: () => save(), format: () => format(), about: setAbout, fix: (to) => fix(to) },
      })
      setEditor(made)
    }, () => setFailed(true))
    return () => {
      gone = true
      made?.destroy()
      setEditor(undefined)
    }
  }, [describedBy])

  useLayoutEffect(() => {
    // What the editor itself gave is in it already, and maybe more since; the last of it is all of it.
    const at = unseen.current.indexOf(value)
    if (at < 0) editor?.show(value)
    unseen.current = at < 0 || value === unseen.current.at(-1) ? [] : unseen.current.slice(at + 1)
  }, [editor, value])
  useLayoutEffect(() => editor?.setReadOnly(readOnly), [editor, readOnly])
  useEffect(() => editor?.setKnown(known), [editor, known])
  const worst = useMemo(() => worstByLine(problems), [problems])
  useEffect(() => editor?.setProblems(problems), [editor, problems, readOnly])
  useEffect(() => editor?.setMarks({ changed, marked, problems: worst }), [editor, changed, marked, worst])
  useEffect(() => {
    if (target !== undefined) editor?.goTo(target.line, target.focus)
  }, [editor, target])

  return (
    <>
      <div ref={place} className="flex max-h-[70vh] min-h-64 flex-1 flex-col overflow-hidden">
        {editor === undefined && <PlainText value={value} failed={failed} />}
      </div>
      {/* What hovering says, for who does not hover. Always two lines high: nothing below it moves. */}
      <p className="flex h-10 items-center border-t px-4 text-12 text-muted-foreground"><span className="line-clamp-2">{about === '' ? <Hint /> : about}</span></p>
    </>
  )
}

/** Lines of the plain text: more than fit in the panel of any screen. */
const maxPlain = 300

function PlainText({ value, failed }: { readonly value: string; readonly failed: boolean }) {
  const lines = splitLines(value).slice(0, failed ? undefined : maxPlain)
  return (
    <>
      {failed && <p role="alert" className="border-b px-4 py-2 text-13">The editor could not be loaded: reload the page to edit. This is the text.</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0} aria-label="Policy" className="m-0 flex-1 overflow-auto py-2 pl-13 text-12! leading-5">{lines.join('\n')}</pre>
    </>
  )
}
