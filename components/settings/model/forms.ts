/** A number that was typed, within bounds; else why not. */
export function readNumber(typed: string, min: number, max: number, what: string): { readonly ok: true; readonly value: number } | { readonly ok: false; readonly text: string } {
  const value = Number(typed.trim())
  if (typed.trim() === '' || !Number.isFinite(value) || value < min || value > max) {
    return { ok: false, text: `${what} is ${min.toLocaleString('en')} to ${max.toLocaleString('en')}.` }
  }
  return { ok: true, value }
}

export function readWhole(typed: string, min: number, max: number, what: string): ReturnType<typeof readNumber> {
  const read = readNumber(typed, min, max, what)
  return read.ok && !Number.isInteger(read.value) ? { ok: false, text: `${what} is a whole number.` } : read
}

/** A pin or a key in groups of four, so that two of them can be compared by eye. */
export function inGroups(text: string): string {
  const colon = text.indexOf(':')
  const head = colon < 0 ? '' : text.slice(0, colon + 1)
  return head + (text.slice(colon + 1).match(/.{1,4}/g) ?? []).join(' ')
}
