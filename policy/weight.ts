import type { CompiledPolicy } from './compile.ts'
import type { PolicyNode } from './model.ts'
import { createPolicyIndex } from './network/policy-index.ts'
import type { Selector } from './selector.ts'

/** An address in a list of sources: in the list, in the parts of it that are sent, and in the list before it while a change is on its way. */
const bytesAnAddress = 32
/** What lists may take, of the 500 MB that a policy may cost (spec/policy.md §15). */
export const mostListBytes = 400_000_000

/**
 * Why a policy is too much for a network, in a sentence for its author; undefined: it is not. Different lists of sources cost what is
 * in them, once each: many grants for many machines each, no two for the same.
 */
export function weightProblem(compiled: CompiledPolicy, nodes: readonly PolicyNode[], most = mostListBytes): string | undefined {
  const bounds = boundsOf(compiled, nodes)
  if (bounds.most * bytesAnAddress <= most) return undefined
  // Before the lists are made: making these is what is too much.
  const addresses = bounds.least * bytesAnAddress > most ? bounds.least : listedIn(compiled, nodes)
  const bytes = addresses * bytesAnAddress
  if (bytes <= most) return undefined
  const inMB = (amount: number): string => `${Math.ceil(amount / 1e6)} MB`
  return `The sources of these grants would take ${inMB(bytes)}, and ${inMB(most)} is the most: let grants share their sources, such as one group for many`
}

function listedIn(compiled: CompiledPolicy, nodes: readonly PolicyNode[]): number {
  const index = createPolicyIndex(compiled)
  for (const node of nodes) index.upsert(node)
  return index.listedAddresses()
}

/** What all lists of sources have at least, which is what is written out, and at most: quick, and for most policies enough. */
function boundsOf({ groups, grants, selectors }: CompiledPolicy, nodes: readonly PolicyNode[]): { readonly least: number; readonly most: number } {
  /** Addresses by tag and by person. Bounded by the nodes. */
  const counts = new Map<string, number>()
  let inNetwork = 0
  for (const { addresses, routes = [], tags, owner } of nodes) {
    inNetwork += addresses.length + routes.length
    for (const key of tags.length > 0 ? tags : [owner?.toLowerCase() ?? '']) counts.set(key, (counts.get(key) ?? 0) + addresses.length)
  }
  const ofPeople = (members: Iterable<string>): number => [...members].reduce((sum, member) => sum + (member.startsWith('*') ? inNetwork : counts.get(member) ?? 0), 0)
  const atMost = (selector: Selector | undefined): number => {
    switch (selector?.kind) {
      case 'tag': return counts.get(selector.name) ?? 0
      case 'person': return counts.get(selector.email) ?? 0
      case 'group': return ofPeople(groups.get(selector.name) ?? [])
      case 'range': case 'ipset': return 0
      default: return inNetwork
    }
  }
  /** Bounded: one for each grant. */
  const lists = new Map(grants.filter(({ ip, app, dst }) => dst.length > 0 && ip.length + app.size > 0).map(({ src }) => {
    const numbers = [...new Set(src.map(({ selector }) => selector))]
    return [numbers.toSorted((a, b) => a - b).join(), numbers.map((number) => selectors[number])] as const
  }))
  let [least, most] = [0, 0]
  for (const list of lists.values()) {
    if (list.some((selector) => selector?.kind === 'danger-all')) continue
    const written = list.reduce((sum, selector) => sum + (selector?.kind === 'ipset' ? selector.ranges.length : selector?.kind === 'range' ? 1 : 0), 0)
    least += written
    most += written + list.reduce((sum, selector) => sum + atMost(selector), 0)
  }
  return { least, most }
}
