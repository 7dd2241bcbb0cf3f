/** A figure and its unit, apart: the unit is drawn muted, one space after. */
export interface Quantity { readonly value: string; readonly unit: string }

const rateUnits = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s']
const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** Three significant digits, as 4.18, 41.8 and 418 read equally well beside each other. */
function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0)
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}

function scaled(value: number, base: number, units: readonly string[], whole: number): Quantity {
  let index = 0
  let rest = value
  // 999.5 would be printed as 1000 of the smaller unit.
  while (rest >= (base === 1000 ? 999.5 : base) && index < units.length - 1) {
    rest /= base
    index += 1
  }
  return { value: index <= whole ? rest.toFixed(0) : threeDigits(rest), unit: units[index] ?? '' }
}

/** Bits a second in SI: `96.1 Mbit/s`. Below 1 Mbit/s whole kbit/s; zero is `0 Mbit/s`, so that columns keep their unit. */
export function rateParts(bits: number): Quantity {
  if (bits < 0.5) return { value: '0', unit: 'Mbit/s' }
  return scaled(bits, 1000, rateUnits, 1)
}

/** Bytes in IEC: `14.9 GiB`. */
export function byteParts(bytes: number): Quantity {
  return scaled(bytes, 1024, byteUnits, 1)
}

export function formatRate(bits: number): string {
  const { value, unit } = rateParts(bits)
  return `${value} ${unit}`
}

const counts = new Intl.NumberFormat('en')
/** `11,840`. */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** `142 M` from a million on, else as it is. */
export function formatLargeCount(count: number): string {
  if (count < 1_000_000) return formatCount(Math.round(count))
  const [value, unit] = count < 999_500_000 ? [count / 1e6, 'M'] : [count / 1e9, 'G']
  return `${threeDigits(value)} ${unit}`
}

/** A share in per cent; never `0` of something that happened. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0'
  const share = (part / whole) * 100
  if (share < 0.01) return '<0.01'
  return share >= 99.95 && part < whole ? '99.9' : share >= 10 ? share.toFixed(1) : share.toFixed(2)
}

/** `1 session`, `4 sessions`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
