import { createHash } from 'node:crypto'
import type { RandomBytes } from '../../lib/clock.ts'

/** Key material that is the same at each run with one seed; for simulated peers only. */
export function seededKeyBytes(seed: number): RandomBytes {
  let count = 0
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) {
      const block = createHash('sha256').update(`towpath simulated peer ${seed} ${count++}`).digest()
      bytes.set(block.subarray(0, length - at), at)
    }
    return bytes
  }
}
