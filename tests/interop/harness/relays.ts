import { z } from 'zod'
import { waitFor } from '../../e2e/harness/wait.ts'
import type { StockClient } from './client.ts'
import type { Via } from './paths.ts'
import { findPeer, pathOf } from './status.ts'

const listSchema = z.array(z.string()).nullable().transform((list) => (list ?? []).toSorted())

/** The addresses of the relays that a client believes it may use, as its `debug peer-relay-servers` prints them; sorted. */
export async function relaysSeenBy(client: StockClient): Promise<string[]> {
  return listSchema.parse(JSON.parse(await client.localApi('debug?action=peer-relay-servers', { method: 'POST' })))
}

/** Waits until that list is so for each of the clients; how long that took from `since` (`performance.now()`), ms: of the last of them. */
export async function untilRelaysSeen(clients: readonly StockClient[], wanted: readonly string[], withinMs: number, since = performance.now()): Promise<number> {
  const text = JSON.stringify(wanted.toSorted())
  const times = await Promise.all(clients.map(async (client) => {
    let last = ''
    return waitFor(() => `client ${client.name} to see the relays ${text}, but it sees ${last}`, async () => {
      last = JSON.stringify(await relaysSeenBy(client))
      return last === text ? performance.now() - since : undefined
    }, withinMs, 20)
  }))
  return Math.round(Math.max(...times))
}

/** Waits until each of the two sends to the other that way; how long that took from `since` on, ms: of the later one. Needs traffic between them. */
export async function untilBoth([one, two]: readonly [StockClient, StockClient], via: Via, withinMs: number, since = performance.now()): Promise<number> {
  await Promise.all([one.untilPath(two.name, via, withinMs), two.untilPath(one.name, via, withinMs)])
  return Math.round(performance.now() - since)
}

/** Notes each way that the two send to each other, as their own status has it, until `stop`, which tells them. */
export function watchPaths([one, two]: readonly [StockClient, StockClient]): { stop(): Promise<Via[]> } {
  /** Bounded: the ways that there are. */
  const seen = new Set<Via>()
  let isOver = false
  async function look(from: StockClient, to: StockClient): Promise<void> {
    while (!isOver) {
      const via = pathOf(findPeer(await from.status(), to.name))
      if (via !== undefined) seen.add(via)
      await new Promise((resolve) => { setTimeout(resolve, 25) })
    }
  }
  const looking = Promise.all([look(one, two), look(two, one)])
  // Told by `stop`; until then a client that is gone fails nobody else's test.
  looking.catch(() => {})
  return {
    async stop() {
      isOver = true
      await looking
      return [...seen]
    },
  }
}
