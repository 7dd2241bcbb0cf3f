import { performance } from 'node:perf_hooks'
import type { Clock } from '../lib/clock.ts'

/** The wall clock as it was at the start, driven by the monotonic one: setting the system's clock moves no deadline. */
export function steadyClock(): Clock {
  const epoch = Date.now() - performance.now()
  return { now: () => Math.round(epoch + performance.now()) }
}
