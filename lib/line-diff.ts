/** Lines that stand in place of others: `removed` lines from index `before` of the one text, `added` lines from index `after` of the other. */
export type LineChange = { readonly before: number; readonly removed: number; readonly after: number; readonly added: number }

/** Texts that differ in more lines are said to differ in all between the first and the last of them. */
const mostEdits = 1_000

/** The fewest lines to take out and put in to get from one text to the other, in order (Myers' algorithm). Empty: they are equal. */
export function lineChanges(before: readonly string[], after: readonly string[]): LineChange[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  const a = before.slice(start, before.length - end)
  const b = after.slice(start, after.length - end)
  if (a.length === 0 && b.length === 0) return []
  const whole = [{ before: start, removed: a.length, after: start, added: b.length }]
  if (a.length === 0 || b.length === 0) return whole
  const steps = shortest(a, b)
  return steps === undefined ? whole : joined(steps, start)
}

/** Index of an element that stays → its new one, in order: `lineChanges` the other way round, for lists of other texts, too. Bounded by the list. */
export function keptPairs(before: readonly string[], after: readonly string[]): Map<number, number> {
  const kept = new Map<number, number>()
  let i = 0
  let j = 0
  for (const change of [...lineChanges(before, after), { before: before.length, removed: 0, added: 0 }]) {
    while (i < change.before) kept.set(i++, j++)
    i += change.removed
    j += change.added
  }
  return kept
}

/** How many lines a change takes out and puts in. */
export function countChanges(changes: readonly LineChange[]): { readonly added: number; readonly removed: number } {
  return { added: changes.reduce((sum, { added }) => sum + added, 0), removed: changes.reduce((sum, { removed }) => sum + removed, 0) }
}

type Step = { readonly kind: 'remove' | 'add'; readonly x: number; readonly y: number }

/** The single steps, in order; undefined: there are too many. */
function shortest(a: readonly string[], b: readonly string[]): Step[] | undefined {
  /** By diagonal, how far along `a` one gets with the edits of a round; one copy a round. Bounded by the square of `mostEdits`. */
  const rounds: Int32Array[] = []
  let reached = new Int32Array([0, 0, 0])
  for (let edits = 0; edits <= Math.min(mostEdits, a.length + b.length); edits++) {
    const before = reached
    rounds.push(before)
    reached = new Int32Array(2 * edits + 3)
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = firstStep(before, diagonal, edits).x
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++
      reached[diagonal + edits + 1] = x
      if (x >= a.length && x - diagonal >= b.length) return stepsBack(rounds, a.length, b.length)
    }
  }
  return undefined
}

/** Where a diagonal starts in a round, from what the round before reached: down from the one above, or right from the one below. */
function firstStep(before: Int32Array, diagonal: number, edits: number): { readonly x: number; readonly isDown: boolean } {
  if (edits === 0) return { x: 0, isDown: true }
  const at = (of: number): number => before[of + edits] ?? 0
  const isDown = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1))
  return { x: isDown ? at(diagonal + 1) : at(diagonal - 1) + 1, isDown }
}

function stepsBack(rounds: readonly Int32Array[], lengthA: number, lengthB: number): Step[] {
  const steps: Step[] = []
  let diagonal = lengthA - lengthB
  for (let edits = rounds.length - 1; edits > 0; edits--) {
    const { x, isDown } = firstStep(rounds[edits] ?? new Int32Array(), diagonal, edits)
    steps.push(isDown ? { kind: 'add', x, y: x - diagonal - 1 } : { kind: 'remove', x: x - 1, y: x - diagonal })
    diagonal += isDown ? 1 : -1
  }
  return steps.toReversed()
}

function joined(steps: readonly Step[], offset: number): LineChange[] {
  const changes: LineChange[] = []
  for (const { kind, x, y } of steps) {
    const last = changes.at(-1)
    const isNext = last !== undefined && last.before + last.removed === x + offset && last.after + last.added === y + offset
    const change = isNext ? last : { before: x + offset, removed: 0, after: y + offset, added: 0 }
    if (isNext) changes.pop()
    changes.push(kind === 'add' ? { ...change, added: change.added + 1 } : { ...change, removed: change.removed + 1 })
  }
  return changes
}
