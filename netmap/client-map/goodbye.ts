import type { Millis } from '../../lib/clock.ts'
import { goTime, type MapResponse } from '../../protocol/tailcfg/index.ts'
import { announcedPeers } from './first-map.ts'
import type { Told } from './told.ts'
import { wireSelf } from './wire-node.ts'

/** How long before it was told a removed node's key ends: clients' clocks differ a little. */
const agoMs = 60_000

/** A removed node's last message: it asks for a login, and has no peers. Else it would keep its map for ever (spec/coordination.md §3.6). */
export function goodbye({ view }: Told, now: Millis): MapResponse {
  const gone = announcedPeers(view).map(({ id }) => id)
  return {
    Node: { ...wireSelf(view.self, view.names.domain), KeyExpiry: goTime(now - agoMs) },
    ...(gone.length > 0 && { PeersRemoved: gone }),
    PacketFilters: { '*': null },
    ControlTime: goTime(now),
  }
}
