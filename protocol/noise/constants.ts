/** Spec coordination.md, section 1.4. All lengths in bytes, all numbers on the wire big-endian. */
export const protocolName = 'Noise_IK_25519_ChaChaPoly_BLAKE2s'
export const keyBytes = 32
export const tagBytes = 16
export const nonceBytes = 12

/** version(2) type(1) length(2) e(32) machine key(48) tag(16) */
export const initiationBytes = 101
/** type(1) length(2) e(32) tag(16) */
export const responseBytes = 51
/** type(1) length(2), before all frames but the initiation. */
export const frameHeaderBytes = 3
/** A whole record, with header and tag. */
export const maxFrameBytes = 4096
export const maxRecordPlainBytes = maxFrameBytes - frameHeaderBytes - tagBytes

export const frameType = { initiation: 1, response: 2, error: 3, record: 4 } as const

/** What both sides mix in before anything else: a client that claims another version than it sent has no session. */
export function prologue(version: number): string {
  return `Tailscale Control Protocol v${version}`
}
