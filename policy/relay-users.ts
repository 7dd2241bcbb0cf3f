import { firstPair, givesRelay } from './access.ts'
import { type CompiledPolicy, hitBits, type Subject, subjectOf } from './compile.ts'
import type { PolicyNode } from './model.ts'

/** Whom one selector of one grant lets use a relay. */
export type RelayUsers = {
  /** As written. */
  readonly selector: string
  readonly line: number
  /** In the order given. */
  readonly nodes: readonly PolicyNode[]
}

/** Who may use a relay, by the grants that say so in the order of the document; a machine that two name is in both. */
export function relayUsers(compiled: CompiledPolicy, clients: readonly PolicyNode[], relay: PolicyNode): RelayUsers[] {
  const server = subjectOf(compiled, relay)
  const subjects = clients.filter(({ id }) => id !== relay.id).map((client) => subjectOf(compiled, client))
  return compiled.grants.filter((grant) => givesRelay(grant) && hitBits(server, grant.dst) !== 0).flatMap((grant) =>
    grant.src.map((use) => ({
      selector: use.text,
      line: use.line,
      nodes: subjects.filter((client) => joins(client, use, grant.dst, server)).map(({ node }) => node),
    })))
}

type Use = Parameters<typeof hitBits>[1][number]

function joins(client: Subject, src: Use, dst: readonly Use[], relay: Subject): boolean {
  const pair = firstPair(client, relay)
  return pair !== undefined && (hitBits(client, [src]) & pair.src) !== 0 && (hitBits(relay, dst) & pair.dst) !== 0
}
