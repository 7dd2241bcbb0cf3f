import { isIP } from 'node:net'
import type { DerpRegion } from '../../../netmap/index.ts'

/** Our own region, in every network: of the numbers that are kept for operators' own (900–999), the first. */
export const ownRegionId = 900

/** Where our own DERP and STUN server are reached. */
export interface OwnServer {
  /** A name or an address. */
  readonly host: string
  readonly derpPort: number
  readonly stunPort: number
  /** The certificate in use first; empty: the system's authorities vouch for it. */
  readonly pins: readonly string[]
  /** False on a machine without IPv6. */
  readonly ipv6: boolean
  /** `/generate_204` is answered on port 80. */
  readonly port80: boolean
}

export function ownRegion({ host, derpPort, stunPort, pins, ipv6, port80 }: OwnServer, named: { readonly code: string; readonly name: string }): DerpRegion {
  return {
    id: ownRegionId, ...named,
    nodes: [{ name: `${ownRegionId}a`, host, ...addressesOf(host, ipv6), derpPort, stunPort, ...(port80 ? { canPort80: true as const } : {}), pins }],
  }
}

/** An address is one family's, and the other is not tried. A name is looked up, as it may move. */
function addressesOf(host: string, ipv6: boolean): { readonly ipv4?: string; readonly ipv6?: string } {
  switch (isIP(host)) {
    case 4: return { ipv4: host, ipv6: 'none' }
    case 6: return { ipv4: 'none', ipv6: host }
    default: return ipv6 ? {} : { ipv6: 'none' }
  }
}
