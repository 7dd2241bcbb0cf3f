'use client'
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import type { Fix } from '@/policy/index.ts'
import { Button } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { firstProblem, problemSummary, type EditorProblem } from './model/check.ts'

const looks = {
  error: { icon: CircleAlert, ink: 'text-critical', word: 'Error' },
  warning: { icon: TriangleAlert, ink: 'text-warning', word: 'Warning' },
} as const

/** "1 error, 2 warnings", with its mark; it leads to the first of the worst. */
export function ProblemSummary({ problems, onLine }: { readonly problems: readonly EditorProblem[]; readonly onLine: (line: number) => void }) {
  const first = firstProblem(problems)
  return (
    <output className="inline-flex items-center gap-1.5 text-12 text-muted-foreground">
      <Icon icon={first === undefined ? CircleCheck : looks[first.severity].icon} className={first === undefined ? 'text-positive' : looks[first.severity].ink} />
      {first === undefined ? problemSummary(problems) : <button type="button" className="link" title={`Go to line ${first.line}`} onClick={() => onLine(first.line)}>{problemSummary(problems)}</button>}
    </output>
  )
}

/** More than this is not read; the first ones are most often the cause of the rest. */
const maxShown = 20

type Props = { readonly id: string; readonly problems: readonly EditorProblem[]; readonly readOnly: boolean; readonly onLine: (line: number) => void; readonly onFix: (fix: Fix) => void }

/** Every problem with its place, what it is, and its fix. */
export function ProblemList({ id, problems, readOnly, onLine, onFix }: Props) {
  return (
    <ul id={id} aria-label="Problems" className={problems.length === 0 ? 'sr-only' : 'm-0 grid max-h-56 list-none overflow-y-auto border-t p-0 text-13'}>
      {problems.length === 0 && <li>No problems</li>}
      {problems.slice(0, maxShown).map((problem) => {
        const { icon, ink, word } = looks[problem.severity]
        const { change } = problem
        return (
          <li key={`${problem.from} ${problem.message}`} className="flex flex-wrap items-start gap-x-2.5 gap-y-1 border-t px-4 py-2 first:border-t-0">
            <Icon icon={icon} small className={`mt-[3px] ${ink}`} />
            <div className="min-w-0 flex-1 basis-52">
              <button type="button" className="link mr-2 font-mono text-12" onClick={() => onLine(problem.line)}>
                <span className="sr-only">{word} at line </span>{problem.line}:{problem.column}
              </button>
              {problem.message}
              {change === undefined && problem.fix !== '' && <span className="block text-12 text-muted-foreground">{problem.fix}</span>}
            </div>
            {change !== undefined && !readOnly && <Button size="small" onClick={() => onFix(change)}>{change.label}</Button>}
          </li>
        )
      })}
      {problems.length > maxShown && <li className="border-t px-4 py-2 text-12 text-muted-foreground">and {problems.length - maxShown} more</li>}
    </ul>
  )
}
