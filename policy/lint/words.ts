/** More names than these are counted. */
const most = 3

/** "a", "a and b", "a, b and c", "a, b, c and 5 more". */
export function namesOf(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? ''
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

export function quoted(texts: readonly string[]): string {
  return namesOf([...new Set(texts)].map((text) => `"${text}"`))
}

/** "1 machine", "12 machines". */
export function machines(count: number): string {
  return `${count} ${count === 1 ? 'machine' : 'machines'}`
}
