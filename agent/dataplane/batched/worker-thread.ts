import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { bundled } from './bundled.ts'
import { signal, signalBytes, type ControlBatch, type WorkerCommand, type WorkerInput, type WorkerMemory } from './shared.ts'

export interface WorkerThread {
  readonly isRunning: boolean
  /** Resolves when it receives; with why, when it has ended before. */
  readonly ready: Promise<string | undefined>
  tell(commands: readonly WorkerCommand[]): void
  /** Asks it to end; it does when the kernel lets it return. */
  askToStop(): void
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  /** For tests of what happens when one dies. */
  kill(): Promise<void>
}

export interface WorkerThreadOptions {
  readonly nativePath: string
  readonly priority: number | undefined
  readonly fd: number
  readonly memory: WorkerMemory
  readonly onControl: (datagrams: ControlBatch) => void
  /** It ended without being asked to. */
  readonly onDeath: (why: string) => void
}

function createThread(input: WorkerInput): Worker {
  const settings = { workerData: input, transferList: [input.commands], name: 'towpath-dataplane' }
  return new Worker(bundled?.workerProgram ?? fromCheckout(), { ...settings, eval: true })
}

/** A thread reads no TypeScript by itself, and takes no loader for its first file: its program registers one and goes on with the file. */
function fromCheckout(): string {
  // What `require` resolves to is the loader's CommonJS half, which works from a CommonJS program alone; the other lies beside it.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs'))
  const program = new URL('./worker.ts', import.meta.url)
  return `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(program)}) })`
}

/** Throws where the system has no more threads. */
export function startWorker({ nativePath, priority, fd, memory, onControl, onDeath }: WorkerThreadOptions): WorkerThread {
  const shared = new SharedArrayBuffer(signalBytes)
  const signals = new Int32Array(shared)
  const { port1: commands, port2 } = new MessageChannel()
  const worker = createThread({ nativePath, priority, fd, memory, signals: shared, commands: port2 })
  let isStopping = false
  let isRunning = true
  let why = 'it was ended'
  let isReady: (trouble?: string) => void = () => undefined
  const ready = new Promise<string | undefined>((resolve) => { isReady = resolve })
  worker.on('message', (datagrams: ControlBatch) => {
    // The first one is empty: it has begun.
    isReady()
    Atomics.sub(signals, signal.controlWaiting, datagrams.length)
    if (!isStopping) onControl(datagrams)
  })
  worker.on('error', (error) => { why = error instanceof Error ? error.message : String(error) })
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      isRunning = false
      commands.close()
      isReady(why)
      resolve()
      if (!isStopping) onDeath(why)
    })
  })
  return {
    get isRunning() { return isRunning },
    ready,
    tell: (list) => commands.postMessage(list),
    askToStop() {
      isStopping = true
      Atomics.store(signals, signal.stop, 1)
    },
    ended,
    async kill() {
      await worker.terminate()
    },
  }
}
