import { mayUseRelay, type NearMiss } from './access.ts'
import type { CompiledPolicy } from './compile.ts'
import type { PolicyNode } from './model.ts'

/** The answer to "may this machine use this relay, and why", as one sentence, with the line to look at where there is one. */
export type RelayExplanation = { readonly allowed: boolean; readonly sentence: string; readonly line?: number }

/** Explains what `mayUseRelay` answers. Says nothing of whether either machine is up. */
export function explainRelayUse(compiled: CompiledPolicy, client: PolicyNode, relay: PolicyNode): RelayExplanation {
  const access = mayUseRelay(compiled, client, relay)
  if (access.allowed) {
    const lines = access.lines.map(({ line }) => line)
    const where = lines.length === 1 ? `the grant on line ${lines[0]}` : `the grants on lines ${lines.join(', ')}`
    return { allowed: true, sentence: `${client.name} may use ${relay.name} by ${where}.`, ...lineIfAny(lines[0]) }
  }
  const start = `No grant lets ${client.name} use ${relay.name}`
  if (access.nearest === undefined) return { allowed: false, sentence: `${start}.` }
  const { line } = access.nearest
  return { allowed: false, sentence: `${start}: ${whatIsMissing(compiled, access.nearest, client, relay)}`, line }
}

function lineIfAny(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line }
}

function whatIsMissing(compiled: CompiledPolicy, miss: NearMiss, client: PolicyNode, relay: PolicyNode): string {
  const grant = compiled.grants.find((candidate) => candidate.index === miss.grantIndex)
  const written = (side: 'src' | 'dst'): string => grant?.[side].map(({ text }) => `"${text}"`).join(', ') ?? ''
  switch (miss.missing) {
    case 'source':
      return `the one on line ${miss.line} is for ${written('src') || 'nobody'}, and ${client.name} is ${identity(client)}.`
    case 'destination':
      return `the one on line ${miss.line} is for the relays ${written('dst') || 'of nobody'}, and ${relay.name} is ${identity(relay)}.`
    case 'capability':
      return `the one on line ${miss.line} joins the two, but does not give "tailscale.com/cap/relay" in "app".`
    case 'family':
      return `the one on line ${miss.line} names addresses of the two that are not of one family, or not the first of each.`
  }
}

function identity(node: PolicyNode): string {
  if (node.tags.length > 0) return node.tags.join(', ')
  return node.owner === undefined ? 'a machine without owner or tag' : `a machine of ${node.owner}`
}
