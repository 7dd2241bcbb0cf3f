import { formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'

/** A path by a peer relay, as a client names it. */
export interface PeerRelayPath {
  /** The relay's `ip:port`, canonical. */
  readonly address: string
  readonly vni: number
}

/** Reads `ip:port:vni:N` (spec/coordination.md §7.1); undefined: it is none. */
export function parsePeerRelay(text: string): PeerRelayPath | undefined {
  const [, where = '', vniText = ''] = /^(.+):vni:(\d{1,8})$/.exec(text) ?? []
  const parsed = parseAddrPort(where)
  const vni = Number(vniText)
  return parsed.ok && vni >= 1 && vni <= 0xff_ffff ? { address: formatAddrPort(parsed.value), vni } : undefined
}

export interface KnownRelay {
  readonly id: number
  readonly name: string
  /** Where it is reached, `ip:port`, canonical. */
  readonly addresses: readonly string[]
  /** VNIs of running sessions of the pair that is asked about. */
  readonly vnis: readonly number[]
}

/**
 * Which relay a path goes by: the one that is reached there. Several may be (private addresses repeat), and a relay behind a
 * forwarded port may not know its own: then the session tells. Undefined: not known.
 */
export function relayOfPath(path: PeerRelayPath, relays: readonly KnownRelay[]): KnownRelay | undefined {
  const there = relays.filter(({ addresses }) => addresses.includes(path.address))
  const carrying = (there.length > 0 ? there : relays).filter(({ vnis }) => vnis.includes(path.vni))
  if (carrying.length === 1) return carrying[0]
  return there.length === 1 ? there[0] : undefined
}
