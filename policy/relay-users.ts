import { givesRelay, letsUseRelay } from './access.ts'
import { type CompiledPolicy, hitBits, subjectOf } from './compile.ts'
import type { PolicyNode } from './model.ts'

/** Whom one selector of one grant lets use a relay. */
export type RelayUsers = {
  /** As written. */
  readonly selector: string
  readonly grantIndex: number
  readonly line: number
  /** In the order given. */
  readonly nodes: readonly PolicyNode[]
}

/** Who may use a relay, by the grants that say so in the order of the document; a machine that two name is in both. */
export function relayUsers(compiled: CompiledPolicy, clients: readonly PolicyNode[], relay: PolicyNode): RelayUsers[] {
  const server = subjectOf(compiled, relay)
  const subjects = clients.filter(({ id }) => id !== relay.id).map((client) => subjectOf(compiled, client))
  return compiled.grants.filter((grant) => givesRelay(grant) && (hitBits(server, grant.dst) !== 0 || grant.self !== undefined)).flatMap((grant) =>
    grant.src.map((use) => ({
      selector: use.text,
      grantIndex: grant.index,
      line: use.line,
      nodes: subjects.filter((client) => letsUseRelay({ ...grant, src: [use] }, client, server)).map(({ node }) => node),
    }))
      // Of grants for each person's own machines: those of the relay's person alone.
      .filter(({ nodes }) => nodes.length > 0 || hitBits(server, grant.dst) !== 0))
}
