import type { z } from 'zod'
import { simulate, type Network, type Simulation } from '../../../netmap/index.ts'
import { compilePolicy, parsePolicy } from '../../../policy/index.ts'
import { TowpathError } from '../../errors/index.ts'
import type { Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { asOfNow } from './as-of-now.ts'
import { authoriseDraft } from './authorise-draft.ts'
import { breathe } from './breathe.ts'
import { isRelay } from './problems.ts'
import { simulateSchema, type PolicySimulation } from './simulation-shape.ts'

type Context = Pick<ServiceContext, 'network' | 'live'>

/** The network with a draft in place of the policy in force. Throws `invalid` where the draft cannot be read. */
function withDraft({ network }: Context, text: string | undefined): Network {
  if (text === undefined) return network.network()
  const parsed = parsePolicy(text)
  if (parsed.ok) return { ...network.network(), policy: asOfNow(network, compilePolicy(parsed.policy)) }
  const first = parsed.problems.find(({ severity }) => severity === 'error')
  throw new TowpathError({
    code: 'invalid', text: first ? `Line ${first.line}, column ${first.column}: ${first.message}` : 'The policy is not valid',
    fix: 'Correct the text, then simulate again', path: 'text',
  })
}

/** Tells which of the two is not there. */
function missing({ network }: Context, from: number, to: number): TowpathError {
  const isFrom = network.node(from) === undefined
  return new TowpathError({ code: 'not-found', text: `There is no machine ${isFrom ? from : to}`, fix: 'Choose another: it may have been removed', path: isFrom ? 'from' : 'to' })
}

function carrier({ network, live }: Context, from: number, to: number): PolicySimulation['carriedBy'] {
  for (const { relayId, aId, bId } of live.sessions().values()) {
    if ((aId !== from || bId !== to) && (aId !== to || bId !== from)) continue
    return { id: relayId, name: network.node(relayId)?.name ?? `machine ${relayId}` }
  }
  return null
}

/**
 * What two machines may do by a policy, which relays they would ask and which is expected to carry them. Reads and sends nothing
 * to any machine. Throws `not-found`, or `invalid` for a draft with errors or a machine with itself.
 */
export async function simulatePolicy(ctx: Context, actor: Actor, input: z.input<typeof simulateSchema>, signal?: AbortSignal): Promise<PolicySimulation> {
  authoriseDraft(actor)
  const { from, to, text } = simulateSchema.parse(input)
  if (from === to) throw new TowpathError({ code: 'invalid', text: 'A machine needs no policy to reach itself', fix: 'Choose two machines', path: 'to' })
  await breathe(signal)
  const network = withDraft(ctx, text)
  await breathe(signal)
  /** Bounded by the nodes. */
  const relayIds = new Set(network.nodes.filter((node) => isRelay(ctx.network, node)).map(({ id }) => id))
  const found = simulate(network, relayIds, from, to)
  if (found === undefined) throw missing(ctx, from, to)
  return { ...shaped(found), carriedBy: carrier(ctx, from, to) }
}

function shaped({ ends, ways, relays, expected, ...rest }: Simulation): Omit<PolicySimulation, 'carriedBy'> {
  return {
    ...rest,
    ends: ends.map(({ whyNot, ...end }) => ({ ...end, whyNot: whyNot ?? null })),
    ways: ways.map(({ line, open, behind, ...way }) => ({
      ...way, line: line ?? null, open: open.map(listed), behind: behind.map((one) => ({ route: one.route, by: one.by ?? null, open: one.open.map(listed) })),
    })),
    relays: relays.map(({ asks, ...relay }) => ({
      ...relay, asks: asks.map(({ line, limits, ...ask }) => ({ ...ask, line: line ?? null, limits: limits.map(({ words, lines }) => ({ words, lines: [...lines] })) })),
    })),
    expected: { relayId: expected.relayId ?? null, sentence: expected.sentence },
  }
}

function listed({ ports, line }: { readonly ports: readonly string[]; readonly line: number }): { ports: string[]; line: number } {
  return { ports: [...ports], line }
}
