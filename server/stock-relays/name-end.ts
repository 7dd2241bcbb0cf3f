import type { NetNode } from '../../netmap/index.ts'

const prefix = 'discokey:'
const shortDigits = 16

/** Which machine a short disco key is of; undefined: of none known, or of several. */
export type NameEnd = (disco: string) => number | undefined

export function namesIn(nodes: readonly Pick<NetNode, 'id' | 'discoKey'>[]): NameEnd {
  /** By short disco key; 0: several have it. Bounded: nodes of the network. */
  const ids = new Map<string, number>()
  for (const { id, discoKey } of nodes) {
    const short = discoKey.slice(prefix.length, prefix.length + shortDigits)
    ids.set(short, ids.has(short) ? 0 : id)
  }
  return (disco) => ids.get(disco) || undefined
}
