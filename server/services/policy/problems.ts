import type { Network } from '../../../netmap/index.ts'
import { type LintProblem, lintPolicy } from '../../../policy/lint/index.ts'
import { type CompiledPolicy, type Policy, type Problem, weightProblem } from '../../../policy/index.ts'
import type { ServiceContext } from '../context.ts'
import type { PolicyProblem } from './shape.ts'

/** Problems as pages get them: where a name is a machine's, which the policy itself does not know, the fix says what to write for it. */
export function policyProblems({ network }: Pick<ServiceContext, 'network'>, problems: readonly Problem[]): PolicyProblem[] {
  return problems.map((problem) => {
    const name = problem.code === 'unknown-host' ? problem.name : undefined
    return { ...placed(problem), fix: (name && machineFix(network.network(), name)) ?? problem.fix?.label ?? '' }
  })
}

function placed({ severity, line, column, offset, length, message, fix }: Omit<Problem, 'code' | 'name'>): PolicyProblem {
  return { severity, line, column, from: offset, to: offset + length, message, fix: '', ...(fix && { change: { ...fix } }) }
}

function machineFix({ nodes }: Network, text: string): string | undefined {
  const address = nodes.find(({ name }) => name === text.toLowerCase())?.addresses[0]
  return address === undefined ? undefined : `"${text}" is a machine: write ${address}, name it in "hosts", or give it a tag`
}

/** What a policy would cost this network too much of, as an error at its first grant. */
export function weightProblems({ network }: Pick<ServiceContext, 'network'>, { grants: [first] = [] }: Policy, compiled: CompiledPolicy): PolicyProblem[] {
  const message = weightProblem(compiled, network.network().nodes)
  if (message === undefined || first === undefined) return []
  const { line, column, offset, length } = first.place
  return [{ severity: 'error', line, column, from: offset, to: offset + length, message, fix: 'Write what grants have in common as one group or tag; the policy in force is unchanged', code: 'too-heavy' }]
}

/** What is valid and most likely not meant, with the network and its sessions as they are now. */
export function lintProblems({ network, live }: Pick<ServiceContext, 'network' | 'live'>, text: string, policy: Policy, compiled: CompiledPolicy, people: readonly string[]): PolicyProblem[] {
  const nodes = network.network().nodes.map((node) => ({ ...node, isRelay: isRelay(network, node) }))
  const warn = (problem: LintProblem): PolicyProblem => ({ ...placed(problem), fix: problem.fix?.label ?? problem.advice ?? '', code: problem.code })
  return lintPolicy(text, policy, compiled, { nodes, people, relayUsers: usersOf(live) }).map(warn)
}

/** Set up as a relay, whether it is up now or not. */
export function isRelay(network: Pick<ServiceContext['network'], 'relayConfig'>, { id, facts }: Network['nodes'][number]): boolean {
  return network.relayConfig(id) !== undefined || facts.peerRelay === true
}

function usersOf(live: Pick<ServiceContext['live'], 'sessions'>): Map<number, number[]> {
  /** By relay. Bounded by the sessions that run. */
  const users = new Map<number, number[]>()
  for (const { relayId, aId, bId } of live.sessions().values()) users.set(relayId, [...(users.get(relayId) ?? []), aId, bId])
  return users
}
