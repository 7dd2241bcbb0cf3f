import type { NetNode, Network } from '../model.ts'
import type { SimulatedEnd, SimulatedRelay, SimulatedWay, Simulation } from './model.ts'

type Known = {
  readonly ends: readonly [SimulatedEnd, SimulatedEnd]
  readonly ways: readonly [SimulatedWay, SimulatedWay]
  readonly seeEachOther: boolean
  readonly nodes: readonly [NetNode, NetNode]
  readonly relays: readonly SimulatedRelay[]
}

/** Clients take the relay that answers fastest (spec/coordination.md §5.2); only home regions tell here which one may be near. */
export function expectedRelay(network: Network, { ends, ways, seeEachOther, nodes, relays }: Known): Simulation['expected'] {
  const [a, b] = ends
  if (!seeEachOther) return { sentence: `${a.name} and ${b.name} do not see each other, so neither looks for a path and no relay is asked.` }
  if (ways.every(({ allowed, behind }) => !allowed && behind.every(({ by }) => by === undefined))) {
    return { sentence: 'Neither may open a connection to the other, so no relay has anything to carry.' }
  }
  const asked = relays.filter(({ isAsked }) => isAsked)
  const [first, ...others] = asked
  if (first === undefined) return { sentence: noneWords(ends, relays) }
  if (others.length === 0) return { relayId: first.id, sentence: `${first.name}: it is the only relay that is asked.` }
  return nearest(network, nodes, asked)
}

function noneWords(ends: Known['ends'], relays: readonly SimulatedRelay[]): string {
  const [a, b] = ends
  if (relays.length === 0) return 'None: there is no relay besides the two.'
  const usable = relays.filter(({ asks }) => asks.some(({ allowed }) => allowed))
  if (usable.length === 0) return `None: no grant lets ${a.name} or ${b.name} use a relay.`
  if (a.whyNot !== undefined && b.whyNot !== undefined) return `None: ${lowered(a.whyNot, a.name)}`
  return usable.every(({ isUp }) => !isUp) ? 'None: no relay that they may use is up.' : 'None: the end that may use a relay asks none.'
}

/** Within a sentence; a name stays as it is written. */
function lowered(sentence: string, name: string): string {
  return sentence.startsWith(name) ? sentence : sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

/** By how many of the two have the relay's home region as theirs. */
function nearest({ nodes, derpRegions }: Network, ends: Known['nodes'], asked: readonly SimulatedRelay[]): Simulation['expected'] {
  const unknown = `Not known: ${asked.length} relays are asked, and the one that answers fastest wins; their latencies are not known here.`
  const scored = asked.map((relay) => {
    const region = nodes.find(({ id }) => id === relay.id)?.homeDerp ?? 0
    return { relay, region, near: region === 0 ? [] : ends.filter(({ homeDerp }) => homeDerp === region) }
  }).toSorted((a, b) => b.near.length - a.near.length)
  const [best, second] = scored
  if (best === undefined || best.near.length === 0 || best.near.length === second?.near.length) return { sentence: unknown }
  const code = derpRegions.find(({ id }) => id === best.region)?.code
  if (code === undefined) return { sentence: unknown }
  const whose = best.near.length === 2 ? 'both' : best.near[0]?.name ?? ''
  return { relayId: best.relay.id, sentence: `Likely ${best.relay.name}: its home region ${code} is also that of ${whose}. Latencies are not known here, and the one that answers fastest wins.` }
}
