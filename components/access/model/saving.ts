import { listed } from '@/lib/words.ts'
import type { PolicyCheck } from '../../../server/trpc/types.ts'

/** A running session that a draft would end. */
export type EndingSession = PolicyCheck['ends'][number]
/** The first of them, and how many there are. */
export type Endings = { readonly ends: readonly EndingSession[]; readonly total: number }

/** What saving does to running sessions, "3 sessions move to DERP"; empty: nothing. */
export function endingWords({ ends, total }: Endings): string {
  if (total === 0) return ''
  const words = total === 1 ? '1 session moves' : `${total.toLocaleString('en')} sessions move`
  const toDerp = ends.filter(({ next }) => next.length === 0).length
  if (ends.length < total) return words
  if (toDerp === total) return `${words} to DERP`
  return toDerp === 0 ? `${words} to another relay` : `${words}, ${toDerp.toLocaleString('en')} to DERP`
}

/** The save button's words. `endings` undefined: not yet known. */
export function saveLabel(endings: Endings | undefined): string {
  const words = endings === undefined ? '' : endingWords(endings)
  return words === '' ? 'Save policy' : `Save: ${words}`
}

export function failingTests(answer: PolicyCheck | undefined): number {
  return answer === undefined ? 0 : answer.tests.total - answer.tests.passed
}

/** Why the button cannot be pressed; undefined: it can. */
export function saveBlocker(state: {
  readonly mayWrite: boolean
  readonly changed: boolean
  readonly errors: number
  /** Tests of the draft that do not hold. */
  readonly failing: number
  readonly saving: boolean
}): string | undefined {
  if (!state.mayWrite) return 'Your role is viewer: ask an owner or admin to change the policy.'
  if (state.saving) return 'Saving'
  if (!state.changed) return 'Nothing has changed since the saved version.'
  if (state.errors > 0) return `Correct ${state.errors === 1 ? 'the error' : `the ${state.errors} errors`} first.`
  if (state.failing > 0) return `${state.failing === 1 ? '1 test fails' : `${state.failing} tests fail`}: change the rule or the test first.`
  return undefined
}

/** "Draft changes line 3", "lines 3 to 5 and 9"; empty: nothing. At most four ranges are named. */
export function changedWords(lines: ReadonlySet<number>): string {
  const ranges: [first: number, last: number][] = []
  for (const line of [...lines].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && line === last[1] + 1) last[1] = line
    else ranges.push([line, line])
  }
  if (ranges.length === 0) return ''
  const named = ranges.slice(0, 4).map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`))
  if (ranges.length > named.length) named.push(`${ranges.length - named.length} more places`)
  return `Draft changes ${lines.size === 1 ? 'line' : 'lines'} ${listed(named)}.`
}
