/** Why a datagram on the relay's port was dropped. Each is a counter that an operator sees. */
export const datagramReasons = [
  'short', 'bad-version', 'has-options', 'bad-protocol',
  'unknown-vni', 'not-open', 'wrong-source', 'draining',
  'ended-revoked', 'ended-expired', 'ended-idle', 'ended-drained',
  'not-disco', 'unknown-sender', 'wrong-family', 'handshake-rate', 'not-opened', 'disco-short', 'disco-unknown-type', 'unexpected-message',
  'vni-mismatch', 'wrong-remote', 'zero-generation', 'wrong-generation', 'bad-mac',
] as const

/** Why a packet over DERP was not answered (spec section 3). */
export const allocationReasons = [
  'allocate-not-disco', 'allocate-not-opened', 'allocate-short', 'allocate-unknown-type', 'allocate-unexpected-message',
  'allocate-off', 'allocate-unknown-source', 'allocate-expired-source', 'allocate-wrong-disco-key', 'allocate-not-a-party',
  'allocate-server-key', 'allocate-unknown-peer', 'allocate-expired-peer', 'allocate-not-granted', 'allocate-no-address', 'allocate-no-family-address',
  'allocate-session-limit', 'allocate-limit',
] as const

export type DatagramReason = (typeof datagramReasons)[number]
export type AllocationReason = (typeof allocationReasons)[number]
export type DropReason = DatagramReason | AllocationReason

/** How a session ended; packets that still come for its VNI are counted as `ended-<kind>`. */
export type EndKind = 'revoked' | 'expired' | 'idle' | 'drained'

export type DropCounters = Record<DropReason, number>

/** All reasons at zero; counts only grow, from the process's start. */
export function zeroCounters(): DropCounters {
  // Every key of the union is one of the two lists by definition.
  return Object.fromEntries([...datagramReasons, ...allocationReasons].map((reason) => [reason, 0])) as DropCounters
}
