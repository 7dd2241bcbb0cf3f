import { contains, formatAddress, prefixLength } from '../address.ts'
import type { DstPort, FilterRule } from '../rules.ts'
import type { OpenPorts, Plan, Template } from './plan.ts'
import type { Member } from './profile.ts'

/** Rules that are the same on every node, by their sources. Bounded: gone with the plan, one list each. */
const shared = new WeakMap<Template, FilterRule>()

/** The rules of one node. Rules that did not change are the same objects, and so is the whole where none did. */
export function rulesOf(member: Member, plan: Plan): readonly FilterRule[] {
  const before = member.made?.plan === plan ? member.made : undefined
  let isSame = before !== undefined
  const rules = plan.templates.map((template, i): FilterRule | undefined => {
    const sources = template.source.listFor(member)
    const known = before?.rules[i]
    if (sources.length === 0) {
      if (known !== undefined) isSame = false
      return undefined
    }
    if (known?.SrcIPs === sources) return known
    isSame = false
    return known === undefined ? ruleOf(template, sources, member) : { ...known, SrcIPs: sources }
  })
  if (before !== undefined && isSame) return before.filter
  const filter = rules.filter((rule) => rule !== undefined)
  member.made = { plan, rules, filter }
  return filter
}

function ruleOf(template: Template, sources: readonly string[], member: Member): FilterRule | undefined {
  if (!isOwn(template)) {
    const known = shared.get(template)
    if (known?.SrcIPs === sources) return known
  }
  const rule = makeRule(template, sources, member)
  if (!isOwn(template) && rule !== undefined) shared.set(template, rule)
  return rule
}

/** Whether it has something of the single node in it. */
function isOwn(template: Template): boolean {
  return template.kind === 'capability' ? template.own !== 0 : template.open.some(({ own, pieces }) => own !== 0 || pieces.length > 0)
}

function makeRule(template: Template, SrcIPs: readonly string[], member: Member): FilterRule | undefined {
  if (template.kind === 'capability') {
    const own = member.addresses.filter((_, i) => (template.own & (1 << i)) !== 0).map((address) => `${formatAddress(address)}/${prefixLength(address)}`)
    return { SrcIPs, CapGrant: [{ Dsts: [...own, ...template.behind], CapMap: template.capMap }] }
  }
  const DstPorts: DstPort[] = []
  for (const open of template.open) addPorts(DstPorts, open, member)
  if (DstPorts.length === 0) return undefined
  return template.protocol === undefined ? { SrcIPs, DstPorts } : { SrcIPs, DstPorts, IPProto: [template.protocol] }
}

function addPorts(to: DstPort[], { own, texts, pieces, ports }: OpenPorts, { addresses, entries }: Member): void {
  for (const [i, entry] of entries.entries()) if ((own & (1 << i)) !== 0) to.push({ IP: entry.text, Ports: ports })
  for (const text of texts) to.push({ IP: text, Ports: ports })
  for (const { text, range } of pieces) if (addresses.some((address) => contains(range, address))) to.push({ IP: text, Ports: ports })
}
