/** Times and values of one drawn line; null is a gap, never zero. */
export type Values = readonly (number | null)[]

/** The next round number from `value` on, so that an axis has few digits; at least `least`. */
export function niceMax(value: number, least: number): number {
  const wanted = Math.max(value, least)
  const power = 10 ** Math.floor(Math.log10(wanted))
  const factor = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((one) => one * power >= wanted * 0.9999) ?? 10
  return factor * power
}

/** The greatest of some lines; 0 where nothing is known. */
export function greatest(lines: readonly Values[]): number {
  let most = 0
  for (const line of lines) for (const value of line) if (value !== null && value > most) most = value
  return most
}

export interface Gap { readonly from: number; readonly to: number }

/** Where a line knows nothing, from its first report on, each gap up to the next report (or `until`, when none came since). */
export function findGaps(times: readonly number[], values: Values, until: number): Gap[] {
  const gaps: Gap[] = []
  let known = false
  let from: number | null = null
  times.forEach((at, index) => {
    const value = values[index] ?? null
    if (value === null) {
      if (known && from === null) from = at
      return
    }
    if (from !== null) gaps.push({ from, to: at })
    known = true
    from = null
  })
  if (from !== null && until > from) gaps.push({ from, to: until })
  return gaps
}

/** The known point nearest to `at`, as an index; null when there is none within `reach`. */
export function nearest(times: readonly number[], at: number, reach: number): number | null {
  let low = 0
  let high = times.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  const candidates = [low - 1, low].filter((index) => index >= 0 && index < times.length)
  const best = candidates.toSorted((one, other) => Math.abs((times[one] ?? 0) - at) - Math.abs((times[other] ?? 0) - at))[0]
  return best !== undefined && Math.abs((times[best] ?? 0) - at) <= reach ? best : null
}
