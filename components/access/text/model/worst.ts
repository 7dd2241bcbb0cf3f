import type { EditorProblem } from '../../model/check.ts'

/** The worst problem of each line. Bounded by the problems shown. */
export function worstByLine(problems: readonly EditorProblem[]): ReadonlyMap<number, 'error' | 'warning'> {
  const worst = new Map<number, 'error' | 'warning'>()
  for (const { line, severity } of problems) if (worst.get(line) !== 'error') worst.set(line, severity)
  return worst
}
