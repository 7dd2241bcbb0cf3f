/** Where everybody is in this bench. The load generator numbers its VNIs from 1000 and its ports from 5000. */
export const firstVni = 1000
export const firstClientPort = 5000
export const pairs = 8
/** The whole agent on each of its planes, a bare forwarder on node:dgram, and the batched plane's way in C. */
export const relays = ['bare', 'dgram', 'batched', 'reference'] as const
export type RelayName = (typeof relays)[number]
export const ports: Readonly<Record<RelayName, number>> = { bare: 40_001, dgram: 40_000, batched: 40_002, reference: 40_003 }
export const sizes = [72, 1308] as const
