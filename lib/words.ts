/** "a", "a and b", "a, b and c". */
export function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts[0] ?? '' : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`
}

/** "a, b, c and 9 more": so many at most are named. `count`: how many there are, where not all are in `texts`. */
export function listedUpTo(most: number, texts: readonly string[], count = texts.length): string {
  return listed(count > most ? [...texts.slice(0, most), `${(count - most).toLocaleString('en')} more`] : texts)
}
