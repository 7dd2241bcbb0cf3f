/** Addresses and ranges of them. `value` is the address as one number: 32 bits for IPv4, 128 for IPv6. */
export type Address = { readonly family: 4 | 6; readonly value: bigint }
/** Inclusive at both ends, one family. */
export type AddressRange = { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint }

function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

/** Reads an IPv4 or IPv6 address without zone; undefined when it is none. An IPv4-mapped IPv6 address is that IPv4 address. */
export function parseAddress(text: string): Address | undefined {
  // Most selectors are none: seen at their first letter.
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined
  if (!text.includes(':')) return parse4(text)
  const value = parse6(text)
  if (value === undefined) return undefined
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value }
}

function parse4(text: string): Address | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return { family: 4, value }
}

function parse6(text: string): bigint | undefined {
  let tail = text
  let embedded: bigint | undefined
  if (text.includes('.')) {
    const colon = text.lastIndexOf(':')
    const v4 = parse4(text.slice(colon + 1))
    if (v4 === undefined) return undefined
    embedded = v4.value
    tail = `${text.slice(0, colon + 1)}0:0`
  }
  const halves = tail.split('::')
  if (halves.length > 2) return undefined
  const head = groupsOf(halves[0] ?? '')
  const rest = halves.length === 2 ? groupsOf(halves[1] ?? '') : []
  if (head === undefined || rest === undefined) return undefined
  const missing = 8 - head.length - rest.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  let value = 0n
  for (const group of [...head, ...Array.from({ length: missing }, () => 0), ...rest]) value = (value << 16n) | BigInt(group)
  return embedded === undefined ? value : value | embedded
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined
    groups.push(Number.parseInt(part, 16))
  }
  return groups
}

/** Canonical text: dotted IPv4; IPv6 in RFC 5952 form. */
export function formatAddress(address: Address): string {
  const { family, value } = address
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn))
  let best = { start: 0, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  if (best.length < 2) return hex(groups)
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}

/** Reads `a.b.c.d/len` or `v6/len`; bits beyond the length are cleared (`cleared` says that there were some). */
export function parsePrefix(text: string): { range: AddressRange; cleared: boolean } | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const address = parseAddress(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined
  const free = bitsOf(address.family) - Number(length)
  if (free < 0) return undefined
  const first = (address.value >> BigInt(free)) << BigInt(free)
  const last = first + (1n << BigInt(free)) - 1n
  return { range: { family: address.family, first, last }, cleared: first !== address.value }
}

/** Reads `first-last`, one family, first not above last. */
export function parseRange(text: string): AddressRange | undefined {
  const dash = text.indexOf('-')
  if (dash < 0) return undefined
  const first = parseAddress(text.slice(0, dash))
  const last = parseAddress(text.slice(dash + 1))
  if (first === undefined || last === undefined || first.family !== last.family || first.value > last.value) return undefined
  return { family: first.family, first: first.value, last: last.value }
}

export function rangeOf(address: Address): AddressRange {
  return { family: address.family, first: address.value, last: address.value }
}

export function contains(range: AddressRange, address: Address): boolean {
  return range.family === address.family && range.first <= address.value && address.value <= range.last
}

export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

/** Whether `outer` contains all of `inner`. */
export function covers(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

/** Whether it is all addresses of its family, as `0.0.0.0/0` and `::/0` are. */
export function isWholeFamily({ family, first, last }: AddressRange): boolean {
  return first === 0n && last === (1n << BigInt(bitsOf(family))) - 1n
}

/** The fewest prefixes that make up a range. A single address is written without `/32` or `/128` (spec/policy.md §7.2). */
export function prefixesOf(range: AddressRange): { text: string; range: AddressRange }[] {
  const bits = bitsOf(range.family)
  const prefixes: { text: string; range: AddressRange }[] = []
  let first = range.first
  while (first <= range.last) {
    let free = 0
    while (free < bits && first % (1n << BigInt(free + 1)) === 0n && first + (1n << BigInt(free + 1)) - 1n <= range.last) free++
    const size = 1n << BigInt(free)
    const text = formatAddress({ family: range.family, value: first })
    prefixes.push({
      text: free === 0 ? text : `${text}/${bits - free}`,
      range: { family: range.family, first, last: first + size - 1n },
    })
    first += size
  }
  return prefixes
}

/** One text for a range: an address, a prefix, or `first-last`. */
export function formatRange(range: AddressRange): string {
  const prefixes = prefixesOf(range)
  const only = prefixes[0]
  if (prefixes.length === 1 && only !== undefined) return only.text
  const { family, first, last } = range
  return `${formatAddress({ family, value: first })}-${formatAddress({ family, value: last })}`
}
