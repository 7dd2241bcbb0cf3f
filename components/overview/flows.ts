import type { DerpPair, MachineRow, SessionRow } from '../../server/trpc/types.ts'

/** What goes from one end through one carrier to the other, bits a second both ways. */
export interface Flow {
  readonly from: string
  readonly to: string
  /** A relay's name; null: DERP. */
  readonly relay: string | null
  readonly bits: number
  readonly pairs: number
}

export interface Flows {
  /** Machines by name while they are few, else groups by their first tag. */
  readonly by: 'machine' | 'tag'
  readonly flows: readonly Flow[]
  /** How many machines stand behind each end's name. */
  readonly machines: ReadonlyMap<string, number>
}

/** More ends than this a side are drawn as groups. */
const mostEnds = 10

interface Pair { readonly a: { readonly id: number; readonly name: string }; readonly b: { readonly id: number; readonly name: string }; readonly relay: string | null; readonly bits: number }

function sum(pairs: readonly Pair[], name: (end: Pair['a']) => string): Flow[] {
  const found = new Map<string, Flow>()
  for (const pair of pairs) {
    const from = name(pair.a)
    const to = name(pair.b)
    const key = JSON.stringify([from, pair.relay, to])
    const known = found.get(key)
    found.set(key, { from, to, relay: pair.relay, bits: (known?.bits ?? 0) + pair.bits, pairs: (known?.pairs ?? 0) + 1 })
  }
  return [...found.values()].toSorted((one, other) => other.bits - one.bits || one.from.localeCompare(other.from))
}

/** Sessions and pairs on DERP as flows between machines, or between groups of them when there are many. */
export function buildFlows(sessions: readonly SessionRow[], derp: readonly DerpPair[], machines: readonly Pick<MachineRow, 'id' | 'tags'>[]): Flows {
  // A session that is silent while its pair talks over DERP carries nothing: the pair has left it.
  const onDerp = new Set(derp.flatMap(({ a, b }) => [`${a.id} ${b.id}`, `${b.id} ${a.id}`]))
  const left = (session: SessionRow) => (session.rateFromA ?? 0) + (session.rateFromB ?? 0) === 0 && onDerp.has(`${session.a.id} ${session.b.id}`)
  const pairs: Pair[] = [
    ...sessions.filter((session) => !left(session)).map(({ a, b, relayName, rateFromA, rateFromB }) => ({ a, b, relay: relayName, bits: (rateFromA ?? 0) + (rateFromB ?? 0) })),
    ...derp.map(({ a, b, rateFromA, rateFromB }) => ({ a, b, relay: null, bits: rateFromA + rateFromB })),
  ]
  const tags = new Map(machines.map(({ id, tags: all }) => [id, all[0]]))
  const few = Math.max(new Set(pairs.map(({ a }) => a.id)).size, new Set(pairs.map(({ b }) => b.id)).size) <= mostEnds
  const name = few ? (end: Pair['a']) => end.name : (end: Pair['a']) => tags.get(end.id) ?? 'People’s machines'
  const behind = new Map<string, Set<number>>()
  for (const end of pairs.flatMap(({ a, b }) => [a, b])) {
    const own = name(end)
    const ids = behind.get(own) ?? new Set<number>()
    ids.add(end.id)
    behind.set(own, ids)
  }
  return { by: few ? 'machine' : 'tag', flows: sum(pairs, name), machines: new Map([...behind].map(([own, ids]) => [own, ids.size])) }
}
