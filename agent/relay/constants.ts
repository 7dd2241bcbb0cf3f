/** Spec section 4, in milliseconds. */
export const bindLifetime = 30_000
export const steadyStateLifetime = 300_000
export const macRotation = 120_000

/** A client trusts a path for 6.5 s after a Pong and probes each 3 s: 12 s outlast both, with room for latency. */
export const drainTime = 12_000

/** The spec asks for 30 s at most; shorter, so that a session ends on the page soon after its lifetime. */
export const sweepInterval = 10_000

/**
 * A limit of bytes is one of packets too: one for each so many bytes, as a flood of tiny packets costs what as many large
 * ones do. Packets of a call or a game, and a download with its acknowledgements, are larger on the average.
 */
export const bytesPerPacket = 200

/** VNIs of ended sessions whose late packets are counted by the way the session ended. */
export const maxEndedVnis = 4096

/** Refused requests kept for the explain view. */
export const maxRefusals = 256

/** A crash may lose the last saved IDs: a restored relay skips this many, as no lamport ID may repeat. */
export const lamportSkip = 65_536n

export const nanosecondsPerMilli = 1_000_000n
