import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contains, parseAddress, parsePrefix, type Address, type AddressRange } from '../address.ts'
import { compilePolicy, filterContext, filterFor, mayUseRelay, parsePolicy, subjectOf, type CompiledPolicy, type FilterRule, type PolicyNode } from '../index.ts'
import { previewPolicy, reachBetween, type Preview } from './index.ts'

const node = (id: number, name: string, part: Partial<PolicyNode> = {}): PolicyNode => ({ id, name, addresses: [`100.64.0.${id}`, `fd7a:115c:a1e0::${id}`], tags: [], ...part })
const nodes: readonly PolicyNode[] = [
  node(1, 'ams', { tags: ['tag:relay'] }), node(2, 'fra', { tags: ['tag:relay'] }), node(3, 'ann-mbp', { owner: 'ann@example.com' }),
  node(4, 'ann-phone', { owner: 'ann@example.com' }), node(5, 'bob-mbp', { owner: 'bob@example.com', addresses: ['fd7a:115c:a1e0::5', '100.64.0.5'] }),
  node(6, 'ci', { tags: ['tag:ci'] }), node(7, 'four', { tags: ['tag:ci', 'tag:relay'], addresses: ['100.64.0.7'] }),
  node(9, 'gw', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] }), node(10, 'gw2', { tags: ['tag:gw2'], routes: ['10.9.0.0/16'] }),
]
const isRelay = ({ tags }: PolicyNode): boolean => tags.includes('tag:relay')

const source = fc.constantFrom('*', 'ann@example.com', 'group:eng', 'tag:ci', 'tag:relay', 'autogroup:member', 'autogroup:tagged', '100.64.0.5', 'fd7a:115c:a1e0::3', '100.64.0.0/29', '10.9.1.0/24')
const target = fc.constantFrom('*', 'ann@example.com', 'group:eng', 'tag:ci', 'tag:relay', 'autogroup:member', '100.64.0.3', 'fd7a:115c:a1e0::/124', '10.9.0.0/17', '10.9.1.7', '10.0.0.0/8')
const ip = fc.constantFrom('*', '443', 'tcp:22', 'udp:1-100', 'tcp:80-443')
const sides = { src: fc.array(source, { minLength: 1, maxLength: 2 }), dst: fc.array(target, { minLength: 1, maxLength: 2 }) }
const grant = fc.oneof(
  fc.record({ ...sides, ip: fc.array(ip, { minLength: 1, maxLength: 2 }) }),
  fc.record({ ...sides, app: fc.constant({ 'tailscale.com/cap/relay': [{}] }) }),
  fc.record({ ...sides, ip: fc.tuple(ip), via: fc.constantFrom(['tag:gw'], ['tag:gw2'], ['tag:gw', 'tag:gw2']) }),
  fc.record({ src: fc.constantFrom(['autogroup:member'], ['group:eng'], ['ann@example.com']), dst: fc.constant(['autogroup:self']), ip: fc.tuple(ip), app: fc.constant({ 'tailscale.com/cap/relay': [{}] }) }),
)
const grants = fc.array(grant, { maxLength: 4 })
const group = fc.constantFrom(['ann@example.com'], ['ann@example.com', 'bob@example.com'], [])

function compile(list: readonly unknown[], members: readonly string[]): CompiledPolicy {
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:relay': [], 'tag:ci': [], 'tag:gw': [], 'tag:gw2': [] }, groups: { 'group:eng': members }, grants: list }))
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
  return compilePolicy(parsed.policy)
}

/** What a machine may send where, one line a thing and a port that tells apart: asked of every pair alone. */
function everything(compiled: CompiledPolicy): Set<string> {
  const lines = new Set<string>()
  const context = filterContext(compiled, nodes.map((each) => subjectOf(compiled, each)), () => true)
  const routers = nodes.filter(({ routes }) => routes !== undefined).map((router) => ({ router, rules: filterFor(context, subjectOf(compiled, router)) }))
  for (const a of nodes) {
    for (const b of nodes) {
      if (a === b) continue
      if (isRelay(b) && mayUseRelay(compiled, a, b).allowed) lines.add(`${a.name} relay ${b.name}`)
      for (const port of portsIn(reachBetween(compiled, a, b))) lines.add(`${a.name} reach ${b.name} ${port}`)
    }
    for (const address of behind) {
      if (a.routes !== undefined) continue
      for (const { rules } of routers) for (const port of portsThrough(rules, a, address)) lines.add(`${a.name} reach ${address} ${port}`)
    }
  }
  return lines
}

/** One address of each part of the route that some selector tells apart. */
const behind = ['10.9.0.1', '10.9.1.7', '10.9.1.8', '10.9.200.1']
/** Ports that some entry tells apart. */
const samples = [1, 22, 80, 100, 101, 443, 444].flatMap((port) => [6, 17].map((protocol) => ({ protocol, port })))

function portsIn(text: string): string[] {
  const entries = text === '' ? [] : text.split(', ').map((entry) => /^(?:(\w+|ipv6-icmp):)?(.*)$/.exec(entry))
  return samples.flatMap(({ protocol, port }) => entries.some((entry) => {
    const [, name, ports = ''] = entry ?? []
    const fits = name === undefined || { tcp: 6, udp: 17 }[name] === protocol
    return fits && ports.split(',').some((part) => {
      const [first = '', last = first] = part === '*' ? ['0', '65535'] : part.split('-')
      return Number(first) <= port && port <= Number(last)
    })
  }) ? [`${protocol}:${port}`] : [])
}

function portsThrough(rules: readonly FilterRule[], a: PolicyNode, address: string): string[] {
  const to = addressOf(address)
  const from = a.addresses.map(addressOf).filter(({ family }) => family === to.family)
  const isIn = (text: string, of: Address): boolean => text === '*' || rangesOf(text).some((range) => contains(range, of))
  const passing = rules.filter(({ SrcIPs }) => from.some((one) => SrcIPs.some((text) => isIn(text, one)))).flatMap(({ DstPorts = [], IPProto = [6, 17, 1, 58] }) =>
    DstPorts.filter(({ IP }) => isIn(IP, to)).map(({ Ports }) => ({ Ports, IPProto })))
  return samples.filter(({ protocol, port }) => passing.some(({ Ports, IPProto }) => IPProto.includes(protocol) && Ports.First <= port && port <= Ports.Last))
    .map(({ protocol, port }) => `${protocol}:${port}`)
}

/** Of each text once. */
function once<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>()
  return (text) => {
    const value = made.get(text) ?? make(text)
    made.set(text, value)
    return value
  }
}

const addressOf = once((text): Address => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(text)
  return address
})

const rangesOf = once((text): AddressRange[] => {
  const prefix = parsePrefix(text)
  if (prefix !== undefined) return [prefix.range]
  const [first = '', last = first] = text.split('-')
  return [{ family: addressOf(first).family, first: addressOf(first).value, last: addressOf(last).value }]
})

function linesOf({ rows }: Preview['gains']): Set<string> {
  const lines = new Set<string>()
  for (const { kind, detail, who, what } of rows) {
    for (const a of who.names) {
      if (!nodes.some(({ name }) => name === a)) continue
      for (const b of what.names) {
        const [range = ''] = b.split(' behind ')
        const isSubnet = range !== b
        if (a === b || (isSubnet && nodes.some(({ name, routes }) => name === a && routes !== undefined))) continue
        const ends = isSubnet ? behind.filter((address) => rangesOf(range).some((one) => contains(one, addressOf(address)))) : [b]
        for (const end of ends) for (const line of kind === 'relay' ? [`${a} relay ${end}`] : portsIn(detail).map((port) => `${a} reach ${end} ${port}`)) lines.add(line)
      }
    }
  }
  return lines
}

test('gains and losses are the difference of all pairs', () => {
  fc.assert(fc.property(grants, grants, grants, group, group, (kept, gone, come, membersBefore, membersAfter) => {
    const before = compile([...kept, ...gone], membersBefore)
    const after = compile([...come, ...kept], membersAfter)
    const { gains, loses } = previewPolicy(before, after, nodes, { isRelay })
    const [was, is] = [everything(before), everything(after)]
    expect([...linesOf(gains)].toSorted()).toEqual([...is].filter((line) => !was.has(line)).toSorted())
    expect([...linesOf(loses)].toSorted()).toEqual([...was].filter((line) => !is.has(line)).toSorted())
  }), { numRuns: 80 })
})

test('a policy in another order changes nothing', () => {
  fc.assert(fc.property(grants, group, (list, members) => {
    const { gains, loses, paths } = previewPolicy(compile(list, members), compile(list.toReversed(), members), nodes, { isRelay })
    expect([gains.total, loses.total, paths]).toEqual([0, 0, []])
  }), { numRuns: 50 })
})
