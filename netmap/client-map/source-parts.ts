/** Sources in one part of a list, about. */
export const partSources = 16

/** A list of sources in parts by name; one source more is in one part. */
type Parts = ReadonlyMap<string, string[]>
/** Parts that are others, and those that are no more. */
export type PartsDelta = readonly (readonly [string, string[] | null])[]

/** Of each list once: one list is in the filters of many nodes. Bounded: gone with the list. */
const made = new WeakMap<readonly string[], Parts>()

/** By the number of parts and which one: a source stays where it is until the list doubles. */
export function partsOf(sources: readonly string[]): Parts {
  const known = made.get(sources)
  if (known !== undefined) return known
  const count = 2 ** Math.max(0, Math.ceil(Math.log2(sources.length / partSources)))
  const parts = new Map<string, string[]>()
  for (const source of sources) {
    const name = `${hash(source) % count}.${count}`
    const part = parts.get(name)
    if (part === undefined) parts.set(name, [source])
    else part.push(source)
  }
  made.set(sources, parts)
  return parts
}

/** By the lists, older first. Bounded: gone with the lists. */
const deltas = new WeakMap<readonly string[], WeakMap<readonly string[], PartsDelta>>()

/** What turns the parts of one list into those of another. Of two lists once. */
export function partsDelta(before: readonly string[], after: readonly string[]): PartsDelta {
  const ofBefore = deltas.get(before) ?? new WeakMap<readonly string[], PartsDelta>()
  deltas.set(before, ofBefore)
  const known = ofBefore.get(after)
  if (known !== undefined) return known
  const [was, is] = [partsOf(before), partsOf(after)]
  const gone = [...was.keys()].filter((name) => !is.has(name)).map((name) => [name, null] as const)
  const delta = [...gone, ...[...is].filter(([name, part]) => !sameTexts(was.get(name), part))]
  ofBefore.set(after, delta)
  return delta
}

function sameTexts(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((text, i) => text === b[i])
}

/** FNV-1a. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
