import type { z } from 'zod'
import { sessionStands, type Network } from '../../../netmap/index.ts'
import { compilePolicy, formatIpEntry, parsePolicy, relayCapability, type Policy, type Problem } from '../../../policy/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { policyTextSchema, type policyCheckSchema, type PolicyProblem } from './shape.ts'

type Check = z.infer<typeof policyCheckSchema>

/** More sessions than this are not listed. */
const maxEnds = 200

/** What the policy says of a name that it knows nothing of; the policy itself knows no machines. */
const unknownName = /^"([^"]+)" is neither an address nor a person, and not defined in "hosts"/

/** Problems as pages get them: where a name is a machine's, the fix says what to write for it. */
export function policyProblems({ network }: Pick<ServiceContext, 'network'>, problems: readonly Problem[]): PolicyProblem[] {
  return problems.map(({ severity, line, column, offset, length, message, fix }) => {
    const name = unknownName.exec(message)?.[1]
    return { severity, line, column, from: offset, to: offset + length, message, fix: (name && machineFix(network.network(), name)) ?? fix?.label ?? '' }
  })
}

function machineFix({ nodes }: Network, text: string): string | undefined {
  const address = nodes.find(({ name }) => name === text.toLowerCase())?.addresses[0]
  return address === undefined ? undefined : `"${text}" is a machine: write ${address}, name it in "hosts", or give it a tag`
}

function grantRows(policy: Policy): Check['grants'] {
  return (policy.grants ?? []).map((grant) => ({
    line: grant.place.line,
    src: grant.src.map(({ text }) => text),
    dst: grant.dst.map(({ text }) => text),
    ip: grant.ip.map(formatIpEntry),
    relay: grant.app.has(relayCapability),
  }))
}

/** Which of the sessions that run would end with this policy, and with what reason. */
function ends({ network, live }: Pick<ServiceContext, 'network' | 'live'>, policy: Policy): Check['ends'] {
  const before = network.network()
  const after = { ...before, policy: compilePolicy(policy) }
  const name = (id: number): string => network.node(id)?.name ?? `machine ${id}`
  const ended: Check['ends'] = []
  for (const { id, relayId, aId, bId } of live.sessions().values()) {
    if (ended.length >= maxEnds) break
    const verdict = sessionStands(after, relayId, aId, bId, before)
    if (!verdict.stands) ended.push({ id, a: name(aId), b: name(bId), relay: name(relayId), reason: verdict.reason })
  }
  return ended
}

/** What is wrong with a text, what it grants, and which running sessions saving it would end. Writes nothing. */
export async function checkPolicy(ctx: Pick<ServiceContext, 'network' | 'live'>, actor: Actor, input: z.input<typeof policyTextSchema>): Promise<Check> {
  authorise(actor, 'policy:read')
  const { text } = policyTextSchema.parse(input)
  const parsed = parsePolicy(text)
  const problems = policyProblems(ctx, parsed.problems)
  return parsed.ok ? { problems, grants: grantRows(parsed.policy), ends: ends(ctx, parsed.policy) } : { problems, grants: [], ends: [] }
}
