import { type Address, type AddressRange, contains, covers, formatAddress, formatRange, overlaps, parseAddress, prefixesOf } from '../address.ts'
import type { Policy, PolicyNode, PlacedSelector, Grant } from '../model.ts'
import { isExitRoute, network6, publicSpace, subnetRange, wholeNetwork } from '../route.ts'

/** For tests: the compiler as spec/policy.md §7 and §8 say it, one pair of machines after the other, with nothing shared and nothing kept. */
export type NaiveRule = { readonly sources: readonly string[]; readonly kind: string; readonly destination: string; readonly what: string }

type Net = { readonly policy: Policy; readonly nodes: readonly PolicyNode[] }

const addressesOf = ({ addresses }: PolicyNode): Address[] => addresses.flatMap((text) => parseAddress(text) ?? [])
const routesOf = ({ routes = [] }: PolicyNode): AddressRange[] => routes.flatMap((route) => subnetRange(route) ?? [])
const isExit = ({ routes = [] }: PolicyNode): boolean => routes.some(isExitRoute)
const personOf = ({ tags, owner }: PolicyNode): string | undefined => (tags.length > 0 ? undefined : owner?.toLowerCase())

function rangesOf({ selector }: PlacedSelector): readonly AddressRange[] | undefined {
  return selector.kind === 'range' ? [selector.range] : selector.kind === 'ipset' ? selector.ranges : undefined
}

/** Whether it is the node itself that a selector names, whatever its addresses. */
function isNamed({ policy }: Net, { selector }: PlacedSelector, node: PolicyNode): boolean {
  const person = personOf(node)
  switch (selector.kind) {
    case 'any': case 'danger-all': return true
    case 'tag': return node.tags.includes(selector.name)
    case 'person': return person === selector.email
    case 'domain': return person?.endsWith(`@${selector.domain}`) ?? false
    case 'group': return (policy.groups.get(selector.name) ?? []).some((member) => isNamed({ policy, nodes: [] }, member, node))
    case 'autogroup':
      if (selector.name === 'tagged') return node.tags.length > 0
      if (node.tags.length > 0) return false
      return selector.name === 'member' || (selector.name === 'owner' && node.ownerRole === 'owner') || (selector.name === 'admin' && (node.ownerRole === 'owner' || node.ownerRole === 'admin'))
    default: return false
  }
}

function addressesHit(net: Net, uses: readonly PlacedSelector[], node: PolicyNode): Address[] {
  return addressesOf(node).filter((address) => uses.some((use) => rangesOf(use)?.some((range) => contains(range, address)) ?? isNamed(net, use, node)))
}

/** §7.2, step 2. */
function sourcesOf(net: Net, uses: readonly PlacedSelector[]): string[] {
  if (uses.some(({ selector }) => selector.kind === 'danger-all')) return ['*']
  const literals = uses.flatMap((use) => rangesOf(use) ?? []).map(formatRange)
  if (uses.some(({ selector }) => selector.kind === 'any')) return [...literals, ...wholeNetwork, ...net.nodes.flatMap(routesOf).map(formatRange)]
  return [...literals, ...net.nodes.filter((node) => uses.some((use) => rangesOf(use) === undefined && isNamed(net, use, node))).flatMap(addressesOf).map(formatAddress)]
}

/** §7.3: what of the destinations of `ip` stays on a node. */
function portsOn(net: Net, node: PolicyNode, uses: readonly PlacedSelector[], isVia: boolean): string[] {
  const routed = (range: AddressRange): boolean => routesOf(node).some((route) => overlaps(route, range))
  return uses.flatMap((use): string[] => {
    const { kind } = use.selector
    if (kind === 'any') return isVia ? (routesOf(node).some((route) => covers(network6, route)) ? [formatRange(network6)] : []) : ['*']
    if (kind === 'internet') return isExit(node) ? publicSpace.flatMap(prefixesOf).map(({ text }) => text) : []
    const ranges = rangesOf(use)
    if (ranges === undefined) return !isVia && isNamed(net, use, node) ? addressesOf(node).map(formatAddress) : []
    return ranges.flatMap(prefixesOf).filter(({ range }) => routed(range) ||
      (!isVia && (addressesOf(node).some((address) => contains(range, address)) || (isExit(node) && publicSpace.some((space) => covers(space, range)))))).map(({ text }) => text)
  })
}

const withLength = (address: Address): string => `${formatAddress(address)}/${address.family === 4 ? 32 : 128}`

function capabilitiesOn(net: Net, node: PolicyNode, uses: readonly PlacedSelector[]): string[] {
  const behind = uses.flatMap((use) => (use.selector.kind === 'any' ? [network6] : rangesOf(use) ?? [])).flatMap(prefixesOf)
    .filter(({ range }) => routesOf(node).some((route) => overlaps(route, range)))
  return [...addressesHit(net, uses, node).map(withLength), ...behind.map(({ text, range }) => (text.includes('/') ? text : `${text}/${range.family === 4 ? 32 : 128}`))]
}

/** All rules that a node holds, one destination each; companions name every relay. */
export function naiveRules(net: Net, node: PolicyNode): NaiveRule[] {
  return (net.policy.grants ?? []).filter(({ src, dst }) => src.length > 0 && dst.length > 0).flatMap((grant): NaiveRule[] => {
    const sources = sourcesOf(net, grant.src)
    const ports = (from: readonly string[], to: readonly string[]): NaiveRule[] => grant.ip.flatMap(({ protocol, ports: ranges }) => ranges.flatMap(({ first, last }) =>
      to.map((destination) => ({ sources: from, kind: 'ports', destination, what: `${protocol ?? ''} ${first}-${last}` }))))
    const capability = (from: readonly string[], to: readonly string[], what: string): NaiveRule[] => to.map((destination) => ({ sources: from, kind: 'capability', destination, what }))
    if (grant.via.length > 0) {
      return grant.via.some((tag) => isNamed(net, tag, node)) ? ports(sources, portsOn(net, node, grant.dst, true)) : []
    }
    const app = JSON.stringify(Object.fromEntries([...grant.app].toSorted(([a], [b]) => (a < b ? -1 : 1))))
    const left = [...grant.app.keys()].flatMap((name) => (name === 'tailscale.com/cap/relay' ? ['relay-target'] : name === 'tailscale.com/cap/drive' ? ['drive-sharer'] : []))
    const companion = (name: string): string => `{"tailscale.com/cap/${name}":null}`
    return [
      ...ports(sources, portsOn(net, node, grant.dst, false)),
      ...(grant.app.size > 0 ? capability(sources, capabilitiesOn(net, node, grant.dst), app) : []),
      ...left.flatMap((name) => capability(sourcesOf(net, withoutSelf(grant)), capabilitiesOn(net, node, grant.src), companion(name))),
      ...ownRules(net, node, grant, ports, (from, to) => (grant.app.size > 0 ? capability(from, to, app) : []), (from, to) => left.flatMap((name) => capability(from, to, companion(name)))),
    ]
  }).filter(({ sources }) => sources.length > 0)
}

const withoutSelf = ({ dst }: Grant): PlacedSelector[] => dst.filter(({ selector }) => selector.kind !== 'self')
type Make = (from: readonly string[], to: readonly string[]) => NaiveRule[]

/** §7.5. */
function ownRules(net: Net, node: PolicyNode, grant: Grant, ports: Make, app: Make, companions: Make): NaiveRule[] {
  const person = personOf(node)
  if (person === undefined || !grant.dst.some(({ selector }) => selector.kind === 'self')) return []
  const all = net.nodes.filter((other) => personOf(other) === person)
  const hit = all.filter((other) => addressesHit(net, grant.src, other).length > 0)
  const texts = (nodes: readonly PolicyNode[]): string[] => nodes.flatMap(addressesOf).map(formatAddress)
  const own = addressesOf(node)
  return [
    ...ports(texts(hit), own.map(formatAddress)), ...app(texts(hit), own.map(withLength)),
    ...(hit.includes(node) ? companions(texts(all), own.map(withLength)) : []),
  ]
}

/** §8. */
export function naiveSees(net: Net, a: PolicyNode, b: PolicyNode): boolean {
  return naiveReaches(net, a, b) || naiveReaches(net, b, a)
}

function naiveReaches(net: Net, from: PolicyNode, to: PolicyNode): boolean {
  const behind = (node: PolicyNode, { selector }: PlacedSelector): boolean => {
    if (selector.kind === 'any' || selector.kind === 'danger-all') return routesOf(node).length > 0
    if (selector.kind === 'internet') return isExit(node)
    const ranges = selector.kind === 'range' ? [selector.range] : selector.kind === 'ipset' ? selector.ranges : []
    return ranges.some((range) => routesOf(node).some((route) => overlaps(route, range))) ||
      (selector.kind === 'ipset' && isExit(node) && publicSpace.every((space) => ranges.some((range) => covers(range, space))))
  }
  const selected = (node: PolicyNode, uses: readonly PlacedSelector[]): boolean => addressesHit(net, uses, node).length > 0 || uses.some((use) => behind(node, use))
  return (net.policy.grants ?? []).some((grant) => {
    if (!selected(from, grant.src)) return false
    if (grant.via.length > 0) {
      return grant.via.some((tag) => isNamed(net, tag, to)) && grant.dst.some((use) => {
        if (use.selector.kind === 'internet') return isExit(to)
        const ranges = use.selector.kind === 'any' ? [] : rangesOf(use) ?? []
        return (use.selector.kind === 'any' && routesOf(to).some((route) => covers(network6, route))) || ranges.some((range) => routesOf(to).some((route) => overlaps(route, range)))
      })
    }
    const own = grant.dst.some(({ selector }) => selector.kind === 'self') && addressesHit(net, grant.src, from).length > 0 && personOf(from) !== undefined && personOf(from) === personOf(to)
    return own || selected(to, grant.dst)
  })
}
