import { type AddressRange, covers } from '../address.ts'
import { defaultProtocols, type IpEntry, type PortRange } from '../ports.ts'
import type { Policy } from '../model.ts'
import { networkSpace } from '../route.ts'
import { literalRanges, type Selector, selectorKey } from '../selector.ts'

/** Whether one selector selects all that another does, by what the document says and not by which machines there are today. */
export type Covers = (a: Selector, b: Selector) => boolean

/** For sources, where `*` is the network and `danger-all` everything, or for destinations, where `*` is everything. */
export function coversIn(policy: Pick<Policy, 'groups'>, side: 'src' | 'dst'): Covers {
  return (a, b) => {
    if (a.kind === 'danger-all') return true
    if (a.kind === 'any') return side === 'dst' || isInNetwork(b)
    switch (b.kind) {
      case 'range': return holds(literalRanges(a), [b.range])
      case 'ipset': return (a.kind === 'ipset' && a.name === b.name) || holds(literalRanges(a), b.ranges)
      case 'person': return isMember(a) || isInDomain(a, b.email) || sameKey(a, b) || (a.kind === 'group' && membersOf(policy, a.name).some((one) => isPersonIn(one, b)))
      case 'domain': return isMember(a) || sameKey(a, b) || (a.kind === 'group' && membersOf(policy, a.name).some((one) => sameKey(one, b)))
      case 'group': {
        if (isMember(a) || sameKey(a, b)) return true
        const members = membersOf(policy, b.name)
        return members.length > 0 && members.every((member) => (a.kind === 'group' ? membersOf(policy, a.name).some((one) => isPersonIn(one, member)) : a.kind === 'domain' && isPersonIn(a, member)))
      }
      case 'tag': return sameKey(a, b) || (a.kind === 'autogroup' && a.name === 'tagged')
      case 'autogroup':
        if (sameKey(a, b)) return true
        if (b.name === 'owner') return a.kind === 'autogroup' && (a.name === 'admin' || a.name === 'member')
        return b.name === 'admin' && isMember(a)
      default: return sameKey(a, b)
    }
  }
}

function isMember(selector: Selector): boolean {
  return selector.kind === 'autogroup' && selector.name === 'member'
}

function isInDomain(selector: Selector, email: string): boolean {
  return selector.kind === 'domain' && email.endsWith(`@${selector.domain}`)
}

function isPersonIn(one: Selector, member: Selector): boolean {
  return sameKey(one, member) || (member.kind === 'person' && isInDomain(one, member.email))
}

function membersOf({ groups }: Pick<Policy, 'groups'>, name: string): Selector[] {
  return (groups.get(name) ?? []).map(({ selector }) => selector)
}

function sameKey(a: Selector, b: Selector): boolean {
  return a.kind === b.kind && selectorKey(a) === selectorKey(b)
}

function holds(outer: readonly AddressRange[] | undefined, inner: readonly AddressRange[]): boolean {
  return outer !== undefined && outer.length > 0 && inner.every((range) => outer.some((wide) => covers(wide, range)))
}

/** Machines are; addresses outside are only as long as somebody routes them. */
function isInNetwork(selector: Selector): boolean {
  if (selector.kind === 'danger-all' || selector.kind === 'internet') return false
  const ranges = literalRanges(selector)
  return ranges === undefined || (ranges.length > 0 && holds(networkSpace, ranges))
}

/** Whether all that one entry of `ip` opens is opened by others. */
export function ipCovered(by: readonly IpEntry[], { ports, protocol }: IpEntry): boolean {
  return (protocol === undefined ? defaultProtocols : [protocol]).every((one) => {
    const open = by.filter((entry) => (entry.protocol === undefined ? defaultProtocols.includes(one) : entry.protocol === one)).flatMap((entry) => entry.ports)
    return ports.every((range) => portsCovered(open, range))
  })
}

function portsCovered(open: readonly PortRange[], { first, last }: PortRange): boolean {
  let from = first
  for (const range of open.toSorted((a, b) => a.first - b.first)) {
    if (range.first > from) return false
    if (range.last >= last) return true
    from = Math.max(from, range.last + 1)
  }
  return false
}
