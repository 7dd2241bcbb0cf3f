import type { Bus, BusEventName } from '../../bus/index.ts'

/** At most five batches a second: a burst of changes has a page ask again once, not a hundred times. */
const batchMs = 200

/**
 * The names of what changed, each once in a batch, until the signal ends it. Bounded: names of events. The first change
 * after a pause comes at once.
 */
export async function* changeBatches(bus: Bus, signal: AbortSignal | undefined): AsyncGenerator<BusEventName[]> {
  const pending = new Set<BusEventName>()
  let wake = (): void => {}
  const stop = bus.subscribeAll((name) => {
    pending.add(name)
    wake()
  })
  const onAbort = (): void => wake()
  signal?.addEventListener('abort', onAbort)
  try {
    while (!signal?.aborted) {
      if (pending.size === 0) {
        await new Promise<void>((resolve) => { wake = resolve })
        continue
      }
      const topics = [...pending]
      pending.clear()
      yield topics
      await pause(signal)
    }
  } finally {
    stop()
    signal?.removeEventListener('abort', onAbort)
  }
}

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, batchMs)
    signal?.addEventListener('abort', done)
  })
}
