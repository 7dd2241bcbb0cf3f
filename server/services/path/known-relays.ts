import { formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'
import type { ServiceContext } from '../context.ts'
import { relayAddressesSchema } from '../network/stored.ts'
import { findRelays, type RelayRecord } from '../relay/row.ts'
import type { KnownRelay } from './peer-relay.ts'

/** What it advertises, was told to, and where its machine was seen, on its port. */
function addressesOf({ relay, endpoints }: RelayRecord): string[] {
  const ports = new Set([relay.boundPort ?? relay.port, relay.port])
  const seen = endpoints.flatMap((text) => {
    const parsed = parseAddrPort(text)
    return parsed.ok ? [...ports].map((port) => formatAddrPort({ ip: parsed.value.ip, port })) : []
  })
  return [...relayAddressesSchema.parse(relay.addresses).map(({ address }) => address), ...relay.staticEndpoints, ...seen]
}

/** All relays, with what tells whether a path of the two goes by them. */
export async function knownRelays({ db }: Pick<ServiceContext, 'db'>, aId: number, bId: number): Promise<KnownRelay[]> {
  const [relays, sessions] = await Promise.all([
    findRelays(db),
    db.relaySession.findMany({
      where: { endedAt: null, OR: [{ aId, bId }, { aId: bId, bId: aId }] }, select: { relayId: true, vni: true }, take: 1000,
    }),
  ])
  return relays.map((relay) => ({
    id: relay.id, name: relay.name, addresses: addressesOf(relay),
    vnis: sessions.flatMap(({ relayId, vni }) => (relayId === relay.id ? [vni] : [])),
  }))
}
