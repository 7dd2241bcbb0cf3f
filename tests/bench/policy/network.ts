import type { PolicyNode } from '../../../policy/index.ts'

/** The size that the bench holds to (spec/policy.md §15). */
export const size = { nodes: 10_000, people: 200, groups: 60, tags: 40, grants: 1000, routers: 40 } as const

/** Numbers from 0 below 1, the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export type Pick = {
  readonly below: (limit: number) => number
  readonly of: <T>(items: readonly T[]) => T
  readonly some: <T>(items: readonly T[], count: number) => T[]
}

export function createPick(seed: number): Pick {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const of = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }
  return { below, of, some: (items, count) => Array.from({ length: count }, () => of(items)) }
}

const numbered = (count: number, name: (n: number) => string): string[] => Array.from({ length: count }, (_, i) => name(i + 1))
export const people = numbered(size.people, (n) => `person-${n}@example.com`)
export const groups = numbered(size.groups, (n) => `group:team-${n}`)
export const tags = numbered(size.tags, (n) => `tag:service-${n}`)

/**
 * Each person has one to four machines without a tag, some 500 in all: what people carry. All others are servers: of 100, 92 have one tag and 8 two,
 * and big services have most of them (half of the servers have one of 10 tags). One machine in 250 is a router of a subnet.
 */
export function makeNodes(pick: Pick): PolicyNode[] {
  const owners = people.flatMap((owner) => Array.from({ length: 1 + pick.below(4) }, () => owner))
  // Whoever joins comes in no order.
  const first = pick.below(size.nodes)
  return Array.from({ length: size.nodes }, (_, i) => makeNode(pick, i + 1, owners[(i * 7919 + first) % size.nodes]))
}

/** A machine of `owner`, or a server. */
export function makeNode(pick: Pick, id: number, owner?: string): PolicyNode {
  const addresses = [`100.${64 + (id >> 16)}.${(id >> 8) & 255}.${id & 255}`, `fd7a:115c:a1e0::${(id >> 8).toString(16)}:${(id & 255).toString(16)}`]
  const routes = id % (size.nodes / size.routers) === 0 ? [`10.${id % 250}.0.0/16`] : []
  if (owner !== undefined) return { id, name: `m${id}`, addresses, tags: [], owner, ownerRole: owner === people[0] ? 'owner' : 'viewer', routes }
  return { id, name: `m${id}`, addresses, tags: [...new Set(Array.from({ length: pick.below(100) < 8 ? 2 : 1 }, () => service(pick)))], routes }
}

/** The nth tag has fewer machines the higher n. */
function service(pick: Pick): string {
  return tags[Math.floor(size.tags * (pick.below(1000) / 1000) ** 2)] ?? ''
}
