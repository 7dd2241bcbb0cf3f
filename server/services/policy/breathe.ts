import { setImmediate } from 'node:timers/promises'
import { TowpathError } from '../../errors/index.ts'

/**
 * Between the parts of a long computation: lets the process see to everything else, and ends it when nobody waits for the answer
 * any more. Pages drop a check that the next one supersedes.
 */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate()
  if (signal?.aborted) throw new TowpathError({ code: 'abandoned', text: 'Whoever asked for this went away before it was known', fix: 'Ask again' })
}
