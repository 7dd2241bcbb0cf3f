import { amountOf } from '../lib/rate.ts'

export { formatRate, parseRate } from '../lib/rate.ts'

const bytesIn: ReadonlyMap<string, number> = new Map([
  ...['KiB', 'MiB', 'GiB', 'TiB', 'PiB'].map((unit, i): [string, number] => [unit, 1024 ** (i + 1)]),
  ...['kB', 'MB', 'GB', 'TB', 'PB'].map((unit, i): [string, number] => [unit, 1000 ** (i + 1)]),
])

/** Bytes a month of a quota such as `2TiB/month` (spec/policy.md §14); undefined: it is none. */
export function parseQuota(text: string): number | undefined {
  return amountOf(/^([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\/month$/.exec(text), bytesIn)
}

/** For people: `2 TiB`, `1.2 TiB`; in units of 1000 (`1.2 TB`) beside an amount that was written in these. */
export function formatBytes(bytes: number, beside = bytes): string {
  const base = isDecimal(beside) ? 1000 : 1024
  const power = powerOf(bytes, base)
  if (power === 0) return `${bytes} B`
  const value = bytes / base ** power
  // Never rounded up to what was not reached: "2 TiB of 2 TiB" means all of it.
  const cut = value < 100 ? Math.floor(value * 10) / 10 : Math.floor(value)
  return `${cut} ${(base === 1000 ? ['kB', 'MB', 'GB', 'TB', 'PB'] : ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'])[power - 1] ?? ''}`
}

function powerOf(bytes: number, base: number): number {
  let power = 0
  while (power < 5 && bytes >= base ** (power + 1)) power++
  return power
}

/** A round amount in units of 1000 that is none in units of 1024. */
function isDecimal(bytes: number): boolean {
  const isRound = (base: number): boolean => Number.isInteger(bytes / base ** powerOf(bytes, base) * 10)
  return bytes >= 1000 && isRound(1000) && !isRound(1024)
}
