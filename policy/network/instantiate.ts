import { contains } from '../address.ts'
import type { DstPort, FilterRule } from '../rules.ts'
import type { OpenPorts, Plan, Template } from './plan.ts'
import type { Member } from './profile.ts'

/** Rules that are the same on every node, by their sources. Bounded: gone with the plan, one list each. */
const shared = new WeakMap<Template, FilterRule>()

/** The rules of one node. Rules that did not change are the same objects, and so is the whole where none did. */
export function rulesOf(member: Member, plan: Plan): readonly FilterRule[] {
  const before = member.made?.plan === plan ? member.made : undefined
  let isSame = before !== undefined
  /** What is open on this node alone, once for all rules that open the same. Bounded: ports of its rules. */
  const opened: Opened = new Map()
  const rules: (FilterRule | undefined)[] = []
  const filter: FilterRule[] = []
  for (const [i, template] of plan.templates.entries()) {
    const sources = template.source.listFor(member)
    const known = before?.rules[i]
    const rule = sources.length === 0 ? undefined : known === undefined ? ruleOf(template, sources, member, opened) : known.SrcIPs === sources ? known : { ...known, SrcIPs: sources }
    if (rule !== known) isSame = false
    rules.push(rule)
    if (rule !== undefined) filter.push(rule)
  }
  if (before !== undefined && isSame) return before.filter
  // One list for both where every template has a rule.
  member.made = { plan, rules: filter.length === rules.length ? filter : rules, filter }
  return filter
}

type Opened = Map<OpenPorts, readonly DstPort[]>

function ruleOf(template: Template, sources: readonly string[], member: Member, opened: Opened): FilterRule | undefined {
  if (template.isOwn) return makeRule(template, sources, member, opened)
  const known = shared.get(template)
  if (known?.SrcIPs === sources) return known
  const rule = makeRule(template, sources, member, opened)
  if (rule !== undefined) shared.set(template, rule)
  return rule
}

function makeRule(template: Template, SrcIPs: readonly string[], member: Member, opened: Opened): FilterRule | undefined {
  if (template.kind === 'capability') {
    const own = member.entries.flatMap(({ text, family }, i) => ((template.own & (1 << i)) === 0 ? [] : [`${text}/${family === 4 ? 32 : 128}`]))
    return { SrcIPs, CapGrant: [{ Dsts: [...own, ...template.behind], CapMap: template.capMap }] }
  }
  const { open, protocol } = template
  const [first] = open
  const DstPorts = open.length === 1 && first !== undefined ? portsOf(first, member, opened) : open.flatMap((ports) => portsOf(ports, member, opened))
  if (DstPorts.length === 0) return undefined
  return protocol === undefined ? { SrcIPs, DstPorts } : { SrcIPs, DstPorts, IPProto: protocolList(protocol) }
}

function portsOf(open: OpenPorts, { addresses, entries }: Member, opened: Opened): readonly DstPort[] {
  const known = opened.get(open)
  if (known !== undefined) return known
  const { own, texts, pieces, ports } = open
  const made: DstPort[] = []
  for (const [i, entry] of entries.entries()) if ((own & (1 << i)) !== 0) made.push({ IP: entry.text, Ports: ports })
  for (const text of texts) made.push({ IP: text, Ports: ports })
  for (const { text, range } of pieces) if (addresses.some((address) => contains(range, address))) made.push({ IP: text, Ports: ports })
  opened.set(open, made)
  return made
}

/** Bounded: there are 255 protocols. */
const protocolLists = new Map<number, readonly number[]>()

function protocolList(protocol: number): readonly number[] {
  const known = protocolLists.get(protocol) ?? [protocol]
  protocolLists.set(protocol, known)
  return known
}
