import type { Allocation } from './allocation.ts'
import { bytesPerPacket } from './constants.ts'
import type { RelayState } from './state.ts'
import type { Leg, LegLimits, RateLimit } from './types.ts'

/** Tells the data plane what the legs of a bound allocation are charged to, where that is not what it was told. */
export function tellLimits(state: RelayState, allocation: Allocation): void {
  if (!allocation.legs.some(({ bound }) => bound !== undefined)) return
  for (const index of [0, 1] as const) {
    const leg = allocation.legs[index]
    const limits: LegLimits = { client: clientLimit(state, allocation, index), session: sessionLimit(state, allocation, index) }
    if (isSame(leg.limits.client, limits.client) && isSame(leg.limits.session, limits.session)) continue
    leg.limits = limits
    state.commands.push({ type: 'limitForward', vni: allocation.vni, leg: index, limits })
  }
}

/**
 * What comes from a leg is charged to the sender's grant, as sent, or to the receiver's, as received: to the more generous
 * where both have one, so that no grant takes away what the other's gives; alike, to the sender's.
 */
function clientLimit({ config: { clientLimits }, known: { granted } }: RelayState, { legs }: Allocation, index: Leg): RateLimit | undefined {
  const ends = [{ ...legs[index].client, way: 'from' }, { ...legs[index === 0 ? 1 : 0].client, way: 'to' }] as const
  let most: { readonly bits: number; readonly bucket: string } | undefined
  for (const { id, way } of ends.filter((end) => granted.has(end.id))) {
    const bits = clientLimits?.get(id)?.maxRate
    if (bits === undefined) return undefined
    if (most === undefined || bits > most.bits) most = { bits, bucket: `client ${way} ${id}` }
  }
  return most && limit(most.bucket, most.bits)
}

function sessionLimit({ config: { sessionRate } }: RelayState, { vni }: Allocation, index: Leg): RateLimit | undefined {
  return sessionRate === undefined ? undefined : limit(`session ${vni} ${index}`, sessionRate)
}

function limit(bucket: string, bitsPerSecond: number): RateLimit {
  const bytesPerSecond = bitsPerSecond / 8
  return { bucket, bytesPerSecond, packetsPerSecond: bytesPerSecond / bytesPerPacket }
}

/** Packets follow from bytes. */
function isSame(a: RateLimit | undefined, b: RateLimit | undefined): boolean {
  return a?.bucket === b?.bucket && a?.bytesPerSecond === b?.bytesPerSecond
}
