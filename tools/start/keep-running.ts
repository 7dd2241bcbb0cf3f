import { Backoff } from './backoff.ts'

/** One run of a program that has come up. */
export interface Run {
  readonly pid: number
  /** Resolves at its end, wanted or not, with why, in a few words. */
  readonly exited: Promise<string>
  /** Ends it, within a bounded time. */
  stop(): Promise<void>
}

export interface Kept {
  /** The run that is there now; undefined: between two. */
  run(): Run | undefined
  /** Ends it for good. */
  stop(): Promise<void>
}

export interface KeepOptions {
  readonly name: string
  /** Resolves when the program does its work; rejects when it does not come up. */
  readonly start: () => Promise<Run>
  readonly say: (line: string) => void
  readonly onStarted?: (run: Run) => void
  readonly backoff?: Backoff
  /** For tests: time and chance. */
  readonly world?: World
}

export interface World {
  now(): number
  chance(): number
  /** Runs `work` after `ms`; returns how to call it off. */
  later(ms: number, work: () => void): () => void
}

const realWorld: World = {
  now: () => performance.now(),
  chance: Math.random,
  later(ms, work) {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Starts a program and starts it again whenever it ends. Rejects when the very first start fails: then it is for a person to see. */
export async function keepRunning({ name, start, say, onStarted, backoff = new Backoff(), world = realWorld }: KeepOptions): Promise<Kept> {
  let current: Run | undefined
  let starting: Promise<void> | undefined
  let callOff: (() => void) | undefined
  let isStopping = false

  function follow(run: Run): void {
    const since = world.now()
    current = run
    onStarted?.(run)
    void run.exited.then((why) => {
      current = undefined
      if (!isStopping) again(world.now() - since, `${name} ended (${why})`)
    })
  }

  function again(ranMs: number, what: string): void {
    const wait = backoff.next(ranMs, world.chance())
    say(`${what}; starting it again in ${(wait / 1000).toFixed(1)} s`)
    callOff = world.later(wait, () => {
      const since = world.now()
      starting = start().then(
        (run) => {
          follow(run)
          say(`${name} runs again`)
        },
        (error: unknown) => {
          if (!isStopping) again(world.now() - since, `${name} did not start: ${textOf(error)}`)
        },
      )
    })
  }

  follow(await start())
  return {
    run: () => current,
    async stop() {
      isStopping = true
      callOff?.()
      await starting
      await current?.stop()
    },
  }
}
