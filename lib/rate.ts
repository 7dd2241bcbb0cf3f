const bitsIn: ReadonlyMap<string, number> = new Map([['kbit', 1e3], ['mbit', 1e6], ['gbit', 1e9]])

/** Bits a second of a rate such as `50mbit`; undefined: it is none. */
export function parseRate(text: string): number | undefined {
  return amountOf(/^([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)$/.exec(text), bitsIn)
}

/** For people: `50 Mbit/s`. */
export function formatRate(bits: number): string {
  const [unit, size] = bits >= 1e9 ? ['Gbit/s', 1e9] as const : bits >= 1e6 ? ['Mbit/s', 1e6] as const : ['kbit/s', 1e3] as const
  return `${Math.round(bits / size * 10) / 10} ${unit}`
}

/** A number and its unit, as a whole number of the least unit. */
export function amountOf(match: RegExpExecArray | null, units: ReadonlyMap<string, number>): number | undefined {
  const unit = units.get(match?.[2] ?? '')
  const value = unit === undefined ? Infinity : Math.round(Number(match?.[1]) * unit)
  return Number.isSafeInteger(value) ? value : undefined
}
