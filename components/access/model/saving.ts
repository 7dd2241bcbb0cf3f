/** A running session that a draft would end. */
export type EndingSession = { readonly id: string; readonly a: string; readonly b: string; readonly relay: string; readonly reason: string }

/** The save button's words: what saving does to running sessions. `ends` undefined: not yet known. */
export function saveLabel(ends: readonly EndingSession[] | undefined): string {
  if (ends === undefined || ends.length === 0) return 'Save policy'
  return ends.length === 1 ? 'Save: 1 session moves to DERP' : `Save: ${ends.length.toLocaleString('en')} sessions move to DERP`
}

/** Why the button cannot be pressed; undefined: it can. */
export function saveBlocker(state: {
  readonly mayWrite: boolean
  readonly changed: boolean
  readonly errors: number
  readonly saving: boolean
}): string | undefined {
  if (!state.mayWrite) return 'Your role is viewer: ask an owner or admin to change the policy.'
  if (state.saving) return 'Saving'
  if (!state.changed) return 'Nothing has changed since the saved version.'
  if (state.errors > 0) return `Correct ${state.errors === 1 ? 'the error' : `the ${state.errors} errors`} first.`
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
  const joined = named.length === 1 ? named[0] : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
  return `Draft changes ${lines.size === 1 ? 'line' : 'lines'} ${joined}.`
}
