'use client'
import { useId } from 'react'
import type { Fix } from '@/policy/index.ts'
import { CopyButton } from '../ui/copy.tsx'
import { Panel } from '../ui/panel.tsx'
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
  readonly marked: number | undefined
  readonly target: Target | undefined
  readonly onProblem: (line: number) => void
  readonly onFix: (fix: Fix) => void
}

export function TextPanel({ cursor, onProblem, onFix, ...editor }: Props) {
  const id = useId()
  const lines = splitLines(editor.value).length
  return (
    <Panel title="policy.hujson" aside={<><span>line {Math.min(cursor, lines)} of {lines}</span><CopyButton text={editor.value} what="the policy" /></>}>
      <PolicyText {...editor} onFix={onFix} describedBy={id} />
      <ProblemList id={id} problems={editor.problems} readOnly={editor.readOnly} onLine={onProblem} onFix={onFix} />
    </Panel>
  )
}
