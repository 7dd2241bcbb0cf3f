import { availableParallelism, loadavg } from 'node:os'

/** Beyond it a time says nothing of the product: half a second would be as long as the silence that a story is there to rule out. */
const loosest = 4

/** A bound on real time, ms: as it is where the machine is free for the story, longer where it has several times more to do than it has cores. */
export function bound(ms: number, [load = 0]: readonly number[] = loadavg(), cores = availableParallelism()): number {
  return ms * Math.min(loosest, Math.max(1, load / (2 * cores)))
}
