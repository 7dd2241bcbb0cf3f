/** Where everybody is in this bench. The load generator numbers its sessions from the first VNI and the first port on. */
export const firstVni = 1000
export const firstClientPort = 5000

/** The whole agent on each plane, the batched plane's way in C, a bare forwarder on node:dgram, and one that `--against` gave. */
export const relayNames = ['dgram', 'batched', 'reference', 'bare', 'other', 'batched in two threads'] as const
export type RelayName = (typeof relayNames)[number]
export const ports: Readonly<Record<RelayName, number>> = {
  dgram: 40_000, bare: 40_001, batched: 40_002, reference: 40_003, other: 40_004, 'batched in two threads': 40_005,
}

/** What a link does: `plain`: every datagram is alone on it and at both ends; `coalescing`: the receiving end merges, as a network card's GRO does. */
export type Link = 'plain' | 'coalescing'

/** One kind of load. `burst`: datagrams that a session sends in one go before the next one's turn. */
export interface Cell {
  readonly size: number
  readonly sessions: number
  readonly burst: number
  readonly link: Link
}

const burst = 16
const across = (sizes: readonly number[], sessions: readonly number[], link: Link): Cell[] =>
  sizes.flatMap((size) => sessions.map((count) => ({ size, sessions: count, burst, link })))

export const mostSessions = 4096
export const baseSessions = 64

export const cells = {
  saturated: across([72, 1308], [1, baseSessions], 'plain'),
  sizes: across([512], [1, baseSessions], 'plain'),
  coalescing: across([72, 1308], [1, baseSessions], 'coalescing'),
  many: [
    ...across([72, 1308], [baseSessions, mostSessions], 'plain'),
    ...[72, 1308].map((size): Cell => ({ size, sessions: mostSessions, burst: 1, link: 'plain' })),
  ],
} as const satisfies Record<string, readonly Cell[]>

/** As it is named in tables and bars. */
export function cellName({ size, sessions, burst: datagrams, link }: Cell): string {
  const count = sessions === 1 ? '1 session' : `${sessions.toLocaleString('en-US')} sessions`
  return `${size} B, ${count}${datagrams === burst ? '' : ', packet by packet'}${link === 'plain' ? '' : ', coalescing'}`
}
