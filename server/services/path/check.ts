import type { z } from 'zod'
import type { NetNode } from '../../../netmap/index.ts'
import type { PingResponse } from '../../../protocol/tailcfg/index.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { knownRelays } from './known-relays.ts'
import { parsePeerRelay, relayOfPath } from './peer-relay.ts'
import { checkPathSchema, type PathCheck } from './shape.ts'

export type PathContext = Pick<ServiceContext, 'db' | 'network' | 'clock' | 'questions'>

const named = ({ id, name }: NetNode): PathCheck['from'] => ({ id, name })

/** Why a machine cannot be asked; undefined: it can. */
function whyNot({ network }: Pick<PathContext, 'network'>, node: NetNode): string | undefined {
  if (node.kind === 'agent') return `${node.name} is an agent, which only relays`
  if (node.kind === 'simulated') return `${node.name} is simulated`
  if (!network.isOnline(node.id)) return `${node.name} is offline`
  return undefined
}

/** The end that is asked, and the other. Throws `not-found`, `invalid` or `unavailable`. */
function ends(ctx: PathContext, id: number, peerId: number): { readonly from: NetNode; readonly to: NetNode } {
  if (id === peerId) throw new TowpathError({ code: 'invalid', text: 'A machine has no path to itself', fix: 'Choose another machine', path: 'peerId' })
  const [a, b] = [[id, 'id'] as const, [peerId, 'peerId'] as const].map(([one, path]) => {
    const node = ctx.network.node(one)
    if (node) return node
    throw new TowpathError({ code: 'not-found', text: `There is no machine ${one}`, fix: 'Reload: it may have been removed', path })
  })
  if (a === undefined || b === undefined) throw new Error('two ids give two machines')
  const whyNots = [whyNot(ctx, a), whyNot(ctx, b)]
  // It is the same path from either end, and one that can be asked is enough.
  if (whyNots[0] === undefined) return { from: a, to: b }
  if (whyNots[1] === undefined) return { from: b, to: a }
  const isOffline = [a, b].some((node) => node.kind === 'client')
  throw new TowpathError({
    code: isOffline ? 'unavailable' : 'invalid',
    text: `Neither can be asked: ${whyNots.join(', and ')}`,
    fix: isOffline ? 'Try again when one of them is online' : 'Only a stock client tells its paths: choose one',
  })
}

/**
 * Asks a stock client for the path that it has to a peer now (spec/coordination.md §7.1). Takes up to 12 s: a client says nothing
 * of a ping that fails. Throws `not-found`, `invalid` where neither of the two can be asked, `unavailable` or `rate-limited`.
 */
export async function checkPath(ctx: PathContext, actor: Actor, input: z.input<typeof checkPathSchema>): Promise<PathCheck> {
  // It makes a client send packets.
  authorise(actor, 'machines:write')
  const { id, peerId } = checkPathSchema.parse(input)
  const { from, to } = ends(ctx, id, peerId)
  const none = (sentence: string): PathCheck => ({
    from: named(from), to: named(to), kind: 'none', relay: null, endpoint: null, derpCode: null, latencyMs: null, at: new Date(ctx.clock.now()), sentence,
  })
  if (!ctx.network.view(from.id)?.peers.some((peer) => peer.id === to.id)) return none(`No grant connects ${from.name} and ${to.name}: neither is told of the other.`)
  const answer = await ctx.questions.ping(from.id, { types: 'disco', ip: to.addresses[0] ?? '' })
  if (answer === 'no answer') return none(`${from.name} got no answer from ${to.name}.`)
  if (answer.Err !== '') return none(`${from.name} cannot reach ${to.name}: ${answer.Err}.`)
  return found(ctx, none(''), from, to, answer)
}

async function found(ctx: PathContext, empty: PathCheck, from: NetNode, to: NetNode, answer: PingResponse): Promise<PathCheck> {
  const base = { ...empty, latencyMs: answer.LatencySeconds * 1000 }
  if (answer.PeerRelay !== '') {
    const path = parsePeerRelay(answer.PeerRelay)
    const relay = path && relayOfPath(path, await knownRelays(ctx, from.id, to.id))
    const where = path?.address ?? answer.PeerRelay
    const by = relay ? `the relay ${relay.name}` : `a relay at ${where}`
    return { ...base, kind: 'relay', relay: relay ? { id: relay.id, name: relay.name } : null, endpoint: where, sentence: `${from.name} reaches ${to.name} by ${by}.` }
  }
  if (answer.Endpoint !== '') return { ...base, kind: 'direct', endpoint: answer.Endpoint, sentence: `${from.name} reaches ${to.name} directly, at ${answer.Endpoint}.` }
  const region = ctx.network.network().derpRegions.find((one) => one.id === answer.DERPRegionID)
  const derpCode = region?.code ?? (answer.DERPRegionCode || null)
  return { ...base, kind: 'derp', derpCode, sentence: `${from.name} reaches ${to.name} over DERP${derpCode === null ? '' : `, region ${derpCode}`}.` }
}
