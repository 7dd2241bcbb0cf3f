import type { PlacedSelector } from '../model.ts'
import { subnetRange } from '../route.ts'
import { isBehind, routingOf } from '../subject.ts'
import { nodesIn, union } from './context.ts'
import { removeGrant } from './edits.ts'
import type { Lint, LintFinding, LintGrant, LintNode } from './model.ts'
import { namesOf, quoted } from './words.ts'

/** `via` leads to what lies behind routers: addresses of machines, and `*`, are not there (spec/policy.md §7.7). */
export const viaNothing: Lint = {
  code: 'via-nothing',
  find: (context) => context.grants.flatMap((grant) => {
    const { written, compiled } = grant
    const [first] = written.via
    if (first === undefined || written.dst.length === 0) return []
    if (written.ip.length === 0) {
      return [{ span: first.place, message: '"via" without "ip" shows the routers and permits nothing.', advice: 'Add the ports as "ip", or remove "via".' }]
    }
    const routers = nodesIn(context, union(context, compiled.via))
    const tags = quoted(written.via.map(({ text }) => text))
    if (routers.length === 0) return [{ span: first.place, message: `No machine carries ${tags}, so this grant reaches nothing.`, fix: removeGrant(context, grant) }]
    return written.dst.flatMap((use) => (leads(use, routers) ? [] : [nowhere(grant, use, routers, tags)]))
  }),
}

function leads({ selector }: PlacedSelector, routers: readonly LintNode[]): boolean {
  return routers.some((node) => isBehind(routingOf(node), selector))
}

function nowhere(grant: LintGrant, { text, selector, place }: PlacedSelector, routers: readonly LintNode[], tags: string): LintFinding {
  const carried = [...new Set(routers.flatMap((node) => node.routes ?? []))].filter((route) => subnetRange(route) !== undefined)
  const behind = carried.filter((route) => !grant.written.dst.some((use) => use.text === route))
  const isWide = selector.kind === 'any'
  const message = isWide ? '"via" with "*" reaches nothing: it leads to prefixes behind routers.'
    : selector.kind === 'range' || selector.kind === 'ipset' || selector.kind === 'internet' ? `No machine with ${tags} carries an approved route to "${text}".`
      : `"via" leads behind routers, and "${text}" names machines: it reaches nothing.`
  if (behind.length === 0) {
    return { span: place, message, advice: isWide ? 'Name the prefixes behind the routers, or "autogroup:internet".' : `Approve a route to it on ${namesOf(routers.map(({ name }) => name))}, or remove it.` }
  }
  return { span: place, message, fix: { label: `Use ${namesOf(behind)}`, offset: place.offset, length: place.length, replacement: behind.map((route) => JSON.stringify(route)).join(', ') } }
}
