import { looksLikeDisco } from '../../protocol/disco/index.ts'
import type { NodeKey } from '../../protocol/keys.ts'

/** What went from one client to another since the last reading. Bytes are the packets', without frame and key. */
export interface PairTraffic {
  readonly from: NodeKey
  readonly to: NodeKey
  readonly packets: number
  readonly bytes: number
}

export interface PairCounters {
  count(from: NodeKey, to: NodeKey, packet: Uint8Array): void
  /** Everything since the last call, and starts anew. */
  read(): PairTraffic[]
}

/** Beyond it a second's further pairs are left out: a page lists far fewer. */
const maxPairs = 4096

/** Who sends whom data by DERP. Disco messages do not count: they tell paths, and go by DERP whatever the data takes. */
export function createPairCounters(): PairCounters {
  /** Bounded: `maxPairs` entries in all, emptied by each reading. */
  let pairs = new Map<NodeKey, Map<NodeKey, { packets: number; bytes: number }>>()
  let size = 0

  return {
    count(from, to, packet) {
      if (looksLikeDisco(packet)) return
      const known = pairs.get(from)?.get(to)
      if (known) {
        known.packets++
        known.bytes += packet.length
        return
      }
      if (size >= maxPairs) return
      size++
      const first = { packets: 1, bytes: packet.length }
      const targets = pairs.get(from)
      if (targets) targets.set(to, first)
      else pairs.set(from, new Map([[to, first]]))
    },
    read() {
      const taken = pairs
      pairs = new Map()
      size = 0
      return [...taken].flatMap(([from, targets]) => [...targets].map(([to, counts]) => ({ from, to, ...counts })))
    },
  }
}
