'use client'
import { useId } from 'react'
import type { Known } from '@/policy/assist/index.ts'
import type { Fix } from '@/policy/index.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy.tsx'
import { Panel } from '../ui/panel.tsx'
import { say } from '../ui/toast.tsx'
import type { EditorProblem } from './model/check.ts'
import { splitLines } from './model/lines.ts'
import { ProblemList } from './problem-list.tsx'
import { PolicyText, type Target } from './text/policy-text.tsx'

type Props = {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly cursor: number
  readonly onLine: (line: number) => void
  readonly onSave: () => void
  readonly readOnly: boolean
  readonly problems: readonly EditorProblem[]
  readonly changed: ReadonlySet<number>
  readonly known: Known
  readonly marked: number | undefined
  readonly target: Target | undefined
  readonly onProblem: (line: number) => void
  readonly onFix: (fix: Fix) => void
}

export function TextPanel({ cursor, onProblem, onFix, ...editor }: Props) {
  const id = useId()
  const lines = splitLines(editor.value).length

  async function format(): Promise<void> {
    if (editor.readOnly) return
    const { formatPolicy } = await import('@/policy/format/index.ts')
    const formatted = formatPolicy(editor.value)
    if (formatted.ok) editor.onChange(formatted.text)
    else say(`It cannot be formatted yet: correct line ${formatted.line} first.`)
  }

  return (
    <Panel
      title="policy.hujson"
      aside={(
        <>
          <span>line {Math.min(cursor, lines)} of {lines}</span>
          <CopyButton text={editor.value} what="the policy" />
          <Button size="small" disabled={editor.readOnly} title="Shift Alt F" onClick={() => void format()}>Format</Button>
        </>
      )}
    >
      <PolicyText {...editor} onFix={onFix} onFormat={() => void format()} describedBy={id} />
      <ProblemList id={id} problems={editor.problems} readOnly={editor.readOnly} onLine={onProblem} onFix={onFix} />
    </Panel>
  )
}
