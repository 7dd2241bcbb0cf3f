import { type AddressRange, covers, formatAddress, overlaps, parsePrefix, parseRange } from './address.ts'

/** What an exit node routes: each family whole. The two count as one. */
export const exitRoutes: readonly string[] = ['0.0.0.0/0', '::/0']

export function isExitRoute(route: string): boolean {
  return exitRoutes.includes(route)
}

/** One text for one prefix, always with its length; bits beyond it are cleared. Undefined: it is none. */
export function canonicalRoute(text: string): string | undefined {
  const prefix = parsePrefix(text.trim())
  if (prefix === undefined) return undefined
  const { family, first } = prefix.range
  return `${formatAddress({ family, value: first })}/${text.trim().split('/')[1] ?? ''}`
}

/** The addresses behind a subnet route; undefined for an exit route. */
export function subnetRange(route: string): AddressRange | undefined {
  return isExitRoute(route) ? undefined : parsePrefix(route)?.range
}

const range = (text: string): AddressRange => {
  const parsed = parsePrefix(text)
  if (parsed === undefined) throw new Error(`${text} is no prefix`)
  return parsed.range
}

/** Never routed for others. */
const reserved: readonly (readonly [prefix: string, what: string])[] = [
  ['100.64.0.0/10', 'the network’s own addresses'],
  ['fd7a:115c:a1e0::/48', 'the network’s own addresses'],
  ['0.0.0.0/8', 'no host has these'],
  ['127.0.0.0/8', 'each machine itself'],
  ['::/127', 'each machine itself'],
  ['169.254.0.0/16', 'link-local, others on each link'],
  ['fe80::/10', 'link-local, others on each link'],
  ['224.0.0.0/4', 'multicast'],
  ['ff00::/8', 'multicast'],
]

/** Why a prefix cannot be routed for others, to follow its text; undefined: it can. Exit routes can. */
export function routeProblem(text: string): string | undefined {
  const prefix = parsePrefix(text.trim())
  if (prefix === undefined) return 'is no prefix such as 10.0.0.0/24 or 2001:db8::/64'
  if (prefix.cleared) return `has bits beyond its length: write ${canonicalRoute(text) ?? ''}`
  if (isExitRoute(canonicalRoute(text) ?? '')) return undefined
  for (const [taken, what] of reserved) {
    if (!overlaps(prefix.range, range(taken))) continue
    return `${covers(range(taken), prefix.range) ? 'is within' : 'contains'} ${taken} (${what})`
  }
  return undefined
}

const privateSpace = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'].map(range)

/** `autogroup:internet`: IPv4 without private networks, the network's own range and link-local; IPv6 of the public registry (spec/policy.md §7.6). */
export const publicSpace: readonly AddressRange[] = [...outside(privateSpace), range('2000::/3')]

/** Whether ranges that are in order and apart contain all of it. */
export function coversPublicSpace(ranges: readonly AddressRange[]): boolean {
  return publicSpace.every((space) => ranges.some((one) => covers(one, space)))
}

/** What `*` is as a source: the network's addresses without the part that some clients use inside themselves (spec/policy.md §3.3). */
export const wholeNetwork: readonly string[] = ['100.64.0.0-100.115.91.255', '100.115.94.0-100.127.255.255', 'fd7a:115c:a1e0::/48']

/** The same as ranges, in order and apart. */
export const networkSpace: readonly AddressRange[] = wholeNetwork.flatMap((text) => parseRange(text) ?? range(text))

/** Every node's second address, and routes to IPv4 networks that several sites have. */
export const network6 = range('fd7a:115c:a1e0::/48')

export function inNetwork6(route: AddressRange): boolean {
  return covers(network6, route)
}

/** IPv4 without these, which are in order and apart. */
function outside(ranges: readonly AddressRange[]): AddressRange[] {
  const gaps: AddressRange[] = []
  let first = 0n
  for (const taken of ranges) {
    gaps.push({ family: 4, first, last: taken.first - 1n })
    first = taken.last + 1n
  }
  return [...gaps, { family: 4, first, last: 0xffffffffn }]
}
