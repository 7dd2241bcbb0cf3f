/** Equality of plain values. Parts that did not change are mostly the same object, so this is cheap. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]))
  if (Array.isArray(b)) return false
  const [left, right] = [members(a), members(b)]
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]))
}

/** Its own, read by name. */
const members = (value: object): Readonly<Record<string, unknown>> => value as Record<string, unknown> // of any object, members are unknown by name

type Identified = { readonly id: number }

/** An item that is new or another, with what it was. */
export type Pair<T> = { readonly was: T | undefined; readonly is: T }
export type Comparison<T> = { readonly changed: readonly Pair<T>[]; readonly removed: readonly T[] }

/** By the lists, older first. Bounded: gone with the lists. */
const comparisons = new WeakMap<readonly Identified[], WeakMap<readonly Identified[], Comparison<Identified>>>()

/** What is another in a newer list; both ascending by id. Of two lists once: many nodes see the same. */
export function compareById<T extends Identified>(before: readonly T[], after: readonly T[]): Comparison<T> {
  const ofBefore = comparisons.get(before) ?? new WeakMap<readonly Identified[], Comparison<Identified>>()
  comparisons.set(before, ofBefore)
  const known = ofBefore.get(after)
  if (known !== undefined) return known as Comparison<T> // of these very lists
  const made = compare(before, after)
  ofBefore.set(after, made)
  return made
}

function compare<T extends Identified>(before: readonly T[], after: readonly T[]): Comparison<T> {
  const changed: Pair<T>[] = []
  const removed: T[] = []
  let at = 0
  for (const is of after) {
    let was = before[at]
    while (was !== undefined && was.id < is.id) {
      removed.push(was)
      was = before[++at]
    }
    if (was === undefined || was.id > is.id) changed.push({ was: undefined, is })
    else {
      at++
      if (was !== is && !equal(was, is)) changed.push({ was, is })
    }
  }
  removed.push(...before.slice(at))
  return { changed, removed }
}

/** A list by ascending id in which some are others, or undefined: none any more. The list itself where that changes nothing. */
export function patched<T extends Identified>(list: readonly T[], changes: ReadonlyMap<number, T | undefined>): readonly T[] {
  const made = [...list]
  let isSame = true
  for (const [id, item] of changes) {
    const at = placeOf(made, id)
    const known = made[at]?.id === id ? made[at] : undefined
    if (known === item) continue
    isSame = false
    made.splice(at, known === undefined ? 0 : 1, ...(item === undefined ? [] : [item]))
  }
  return isSame ? list : made
}

/** Where an item is, or would be. */
function placeOf(list: readonly Identified[], id: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle]?.id ?? 0) < id) low = middle + 1
    else high = middle
  }
  return low
}
