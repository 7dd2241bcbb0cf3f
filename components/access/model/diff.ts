import { countChanges, lineChanges } from '@/lib/line-diff.ts'
import { splitLines } from './lines.ts'

/** A line of one text or the other; numbers are from 1, of the text that has it. */
export type DiffLine = { readonly kind: 'same' | 'removed' | 'added'; readonly text: string; readonly before?: number; readonly after?: number }
/** Changed lines with a few around them. */
export type DiffHunk = { readonly lines: readonly DiffLine[] }
export type TextDiff = { readonly hunks: readonly DiffHunk[]; readonly added: number; readonly removed: number }

/** Unchanged lines before and behind a change. */
const around = 3

export function diffTexts(beforeText: string, afterText: string): TextDiff {
  const [before, after] = [splitLines(beforeText), splitLines(afterText)]
  const changes = lineChanges(before, after)
  const hunks: DiffLine[][] = []
  let done = 0
  for (const [at, change] of changes.entries()) {
    const last = changes[at - 1]
    const end = last === undefined ? 0 : last.before + last.removed
    // Of two that are near each other the lines between are shown once.
    const isNear = last !== undefined && change.before - end <= 2 * around
    const from = isNear ? done : Math.max(done, change.before - around)
    if (!isNear) hunks.push([])
    const lines = hunks.at(-1) ?? []
    const shift = change.after - change.before
    for (let i = from; i < change.before; i++) lines.push({ kind: 'same', text: before[i] ?? '', before: i + 1, after: i + shift + 1 })
    for (let i = 0; i < change.removed; i++) lines.push({ kind: 'removed', text: before[change.before + i] ?? '', before: change.before + i + 1 })
    for (let i = 0; i < change.added; i++) lines.push({ kind: 'added', text: after[change.after + i] ?? '', after: change.after + i + 1 })
    const next = changes[at + 1]?.before ?? before.length
    done = Math.min(next, change.before + change.removed + around)
    const behind = shift + change.added - change.removed
    for (let i = change.before + change.removed; i < done; i++) lines.push({ kind: 'same', text: before[i] ?? '', before: i + 1, after: i + behind + 1 })
  }
  return { hunks: hunks.map((lines) => ({ lines })), ...countChanges(changes) }
}

/** As many hunks as have so many lines in all; the last one may be cut. */
export function firstLines(hunks: readonly DiffHunk[], most: number): DiffHunk[] {
  let left = most
  return hunks.flatMap(({ lines }) => {
    const shown = lines.slice(0, left)
    left -= shown.length
    return shown.length === 0 ? [] : [{ lines: shown }]
  })
}
