import type { AddrPort } from '../../../lib/addr-port.ts'
import type { Libc } from './libc.ts'
import { linux } from './linux.ts'
import { createWorkerMemory, signal, type ControlBatch, type WorkerCommand, type WorkerMemory } from './shared.ts'
import { decodeSockaddr } from './sockaddr.ts'
import { startWorker, type WorkerThread } from './worker-thread.ts'

/** A worker that dies again at once is not replaced in a busy loop. */
const restartDelayMs = 100

/** A worker's counters; they outlive it, and the socket. */
export interface LaneMemory extends WorkerMemory {
  readonly slotCounters: Float64Array
  readonly slotTotals: Float64Array
}

export function createLaneMemory(): LaneMemory {
  const memory = createWorkerMemory()
  return { ...memory, slotCounters: new Float64Array(memory.counters), slotTotals: new Float64Array(memory.totals) }
}

/** One socket and the worker that waits on it; the worker is replaced when it dies, the socket stays. */
export interface Lane {
  readonly fd: number
  /** Resolves when the worker receives, or has ended. */
  readonly ready: Promise<void>
  tell(command: WorkerCommand): void
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
  readonly fd: number
  readonly memory: LaneMemory
  /** All that a new worker must be told. */
  readonly sessions: () => readonly WorkerCommand[]
  readonly onControl: (from: AddrPort, bytes: Uint8Array) => void
  readonly onWorkerDeath: (why: string) => void
}

export function openLane({ libc, nativePath, fd, memory, sessions, onControl, onWorkerDeath }: LaneOptions): Lane {
  const { counters, totals, signals } = memory
  let restart: NodeJS.Timeout | undefined
  let isClosed = false

  const launch = (): WorkerThread => {
    const started = startWorker({
      nativePath, fd, memory: { counters, totals, signals },
      onControl(datagrams: ControlBatch) {
        for (const { from, bytes } of datagrams) onControl(decodeSockaddr(from), bytes)
      },
      onDeath(why) {
        onWorkerDeath(why)
        if (!isClosed) restart = setTimeout(() => { worker = launch() }, restartDelayMs)
      },
    })
    for (const command of sessions()) started.tell(command)
    return started
  }
  let worker = launch()

  const wake = (): void => {
    Atomics.store(new Int32Array(signals), signal.stop, 1)
    libc.shutdown(fd, linux.SHUT_RDWR)
  }

  return {
    fd,
    ready: worker.ready,
    tell(command) {
      if (worker.isRunning) worker.tell(command)
    },
    wake,
    async close() {
      isClosed = true
      clearTimeout(restart)
      if (worker.isRunning) await worker.stop(wake)
      libc.close(fd)
    },
    kill: () => worker.kill(),
  }
}
