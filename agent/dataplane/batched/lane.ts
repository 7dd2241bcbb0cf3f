import type { AddrPort } from '../../../lib/addr-port.ts'
import type { Libc } from './libc.ts'
import { linux } from './linux.ts'
import { createWorkerMemory, type WorkerCommand, type WorkerMemory } from './shared.ts'
import { decodeSockaddr } from './sockaddr.ts'
import { startWorker, type WorkerThread } from './worker-thread.ts'

/** A worker that dies again and again is replaced ever later; one that lived for a while, at once. */
const shortestRestartMs = 100
const longestRestartMs = 30_000
const longLifeMs = 10_000

/** A worker's counters; they outlive it, and the socket. */
export interface LaneMemory extends WorkerMemory {
  readonly slotCounters: Float64Array
  readonly slotTotals: Float64Array
}

export function createLaneMemory(buckets: SharedArrayBuffer): LaneMemory {
  const memory = createWorkerMemory(buckets)
  return { ...memory, slotCounters: new Float64Array(memory.counters), slotTotals: new Float64Array(memory.totals) }
}

/** One socket and the worker that waits on it; the worker is replaced when it dies, the socket stays. */
export interface Lane {
  readonly fd: number
  /** Resolves when the first worker receives; with why, when it has ended before. */
  readonly ready: Promise<string | undefined>
  /** Why there is no worker now; `''`: there is. */
  readonly trouble: string
  tell(commands: readonly WorkerCommand[]): void
  /** Has the worker return from the kernel and end. A thread that waits there cannot be joined. */
  wake(): void
  /** Ends the worker and frees the port. */
  close(): Promise<void>
  /** Ends the worker as a bug in it would; for tests. */
  kill(): Promise<void>
}

export interface LaneOptions {
  readonly libc: Libc
  readonly nativePath: string
  readonly priority: number | undefined
  readonly fd: number
  readonly memory: LaneMemory
  /** All that a new worker must be told. */
  readonly sessions: () => readonly WorkerCommand[]
  readonly onControl: (from: AddrPort, bytes: Uint8Array) => void
  readonly onWorkerDeath: (why: string) => void
}

export function openLane({ libc, nativePath, priority, fd, memory, sessions, onControl, onWorkerDeath }: LaneOptions): Lane {
  const { counters, totals, buckets } = memory
  let worker: WorkerThread | undefined
  let restart: NodeJS.Timeout | undefined
  let restartMs = shortestRestartMs
  let trouble = ''
  let isClosed = false

  const launch = (): Promise<string | undefined> => {
    const begun = performance.now()
    const died = (why: string): void => {
      worker = undefined
      trouble = why
      if (isClosed) return
      onWorkerDeath(why)
      restartMs = performance.now() - begun >= longLifeMs ? shortestRestartMs : Math.min(2 * restartMs, longestRestartMs)
      restart = setTimeout(() => void launch(), restartMs)
    }
    try {
      worker = startWorker({
        nativePath, priority, fd, memory: { counters, totals, buckets },
        onControl(datagrams) {
          for (const { from, bytes } of datagrams) onControl(decodeSockaddr(from), bytes)
        },
        onDeath: died,
      })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      died(why)
      return Promise.resolve(why)
    }
    worker.tell(sessions())
    trouble = ''
    return worker.ready
  }
  const ready = launch()

  const wake = (): void => {
    worker?.askToStop()
    // Lasting: every later call on this socket returns at once.
    libc.shutdown(fd, linux.SHUT_RDWR)
  }

  return {
    fd,
    ready,
    get trouble() { return trouble },
    tell: (commands) => worker?.tell(commands),
    wake,
    async close() {
      isClosed = true
      clearTimeout(restart)
      wake()
      await worker?.ended
      libc.close(fd)
    },
    async kill() {
      await worker?.kill()
    },
  }
}
