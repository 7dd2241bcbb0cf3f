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

/** Four machines in ten are a person's, as many as ten for some; the others are servers with a tag or two, some of them routers. */
export function makeNodes(pick: Pick): PolicyNode[] {
  return Array.from({ length: size.nodes }, (_, i) => makeNode(pick, i + 1))
}

export function makeNode(pick: Pick, id: number): PolicyNode {
  const addresses = [`100.${64 + (id >> 16)}.${(id >> 8) & 255}.${id & 255}`, `fd7a:115c:a1e0::${(id >> 8).toString(16)}:${(id & 255).toString(16)}`]
  const routes = id % (size.nodes / size.routers) === 0 ? [`10.${id % 250}.0.0/16`] : []
  if (pick.below(10) < 4) return { id, name: `m${id}`, addresses, tags: [], owner: pick.of(people), ownerRole: 'viewer', routes }
  return { id, name: `m${id}`, addresses, tags: [...new Set(pick.some(tags, 1 + (pick.below(5) === 0 ? 1 : 0)))], routes }
}
