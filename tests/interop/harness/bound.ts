import { availableParallelism, loadavg } from 'node:os'

/** A bound on real time, ms: as it is where the machine is free for the story, longer where it has several times more to do than it has cores. */
export function bound(ms: number): number {
  const [load = 0] = loadavg()
  return ms * Math.max(1, load / (2 * availableParallelism()))
}
