import { listedUpTo } from '../../lib/words.ts'

/** More names than these are counted. */
const most = 3

/** "a, b, c and 5 more". */
export function namesOf(names: readonly string[]): string {
  return listedUpTo(most, names)
}

export function quoted(texts: readonly string[]): string {
  return namesOf([...new Set(texts)].map((text) => `"${text}"`))
}

/** "1 machine", "12 machines". */
export function machines(count: number): string {
  return `${count} ${count === 1 ? 'machine' : 'machines'}`
}
