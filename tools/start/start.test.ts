import { describe, expect, test } from 'vitest'
import { StartError } from '../../server/errors/index.ts'
import { Backoff } from './backoff.ts'
import { helpText, readFlags } from './flags.ts'
import { keepRunning, type Run, type World } from './keep-running.ts'

describe('back-off', () => {
  test('doubles to its bound, with jitter in the upper half', () => {
    const backoff = new Backoff({ firstMs: 100, mostMs: 1000, steadyMs: 10_000 })
    expect([0, 0, 0, 0, 0, 0].map(() => backoff.next(0, 0))).toEqual([50, 100, 200, 400, 500, 500])
    expect(backoff.next(0, 0.999)).toBeCloseTo(1000, -1)
  })

  test('a run that was long enough begins anew', () => {
    const backoff = new Backoff({ firstMs: 100, mostMs: 1000, steadyMs: 10_000 })
    for (let time = 0; time < 10; time++) backoff.next(9999, 0)
    expect(backoff.next(9999, 0)).toBe(500)
    expect(backoff.next(10_000, 0)).toBe(50)
  })
})

/** Time that stands until it is moved. */
function simulated() {
  let now = 0
  /** Bounded: one per program that waits. */
  const waiting = new Map<() => void, number>()
  const world: World = {
    now: () => now,
    chance: () => 0,
    later(ms, work) {
      waiting.set(work, now + ms)
      return () => waiting.delete(work)
    },
  }
  return {
    world,
    waits: () => waiting.size,
    async pass(ms: number) {
      now += ms
      for (const [work, at] of waiting) {
        if (at > now) continue
        waiting.delete(work)
        work()
      }
      await settled()
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

function fakeRun() {
  let end: (why: string) => void = () => {}
  let stops = 0
  const exited = new Promise<string>((resolve) => {
    end = resolve
  })
  const run: Run = { pid: 1, exited, stop: async () => { stops++; end('stopped') } }
  return { run, end: (why: string) => end(why), stops: () => stops }
}

describe('a program that is kept running', () => {
  test('comes back after each end, later each time, until it is stopped', async () => {
    const { world, pass, waits } = simulated()
    const runs = [fakeRun(), fakeRun(), fakeRun()]
    const said: string[] = []
    let started = 0
    const start = async () => {
      const next = runs[started++]
      if (!next) throw new Error('no more runs')
      return next.run
    }
    const kept = await keepRunning({ name: 'The agent', start, say: (line) => said.push(line), world })
    expect(kept.run()).toBe(runs[0]?.run)
    runs[0]?.end('signal SIGKILL')
    await settled()
    expect(said).toEqual(['The agent ended (signal SIGKILL); starting it again in 0.1 s'])
    expect(kept.run()).toBeUndefined()
    await pass(99)
    expect(started).toBe(1)
    await pass(1)
    expect(kept.run()).toBe(runs[1]?.run)
    runs[1]?.end('exit code 1')
    await settled()
    await pass(199)
    expect(started).toBe(2)
    await pass(1)
    expect(started).toBe(3)
    await kept.stop()
    expect(runs[2]?.stops()).toBe(1)
    await pass(60_000)
    expect([started, waits()]).toEqual([3, 0])
  })

  test('a later start that fails is tried again; stopping meanwhile calls it off', async () => {
    const { world, pass, waits } = simulated()
    const first = fakeRun()
    const said: string[] = []
    let started = 0
    const start = async () => {
      if (started++ > 0) throw new Error('port 3000 is taken')
      return first.run
    }
    const kept = await keepRunning({ name: 'The control plane', start, say: (line) => said.push(line), world })
    first.end('exit code 1')
    await settled()
    await pass(100)
    await pass(200)
    expect(said.slice(1)).toEqual([
      'The control plane did not start: port 3000 is taken; starting it again in 0.2 s',
      'The control plane did not start: port 3000 is taken; starting it again in 0.4 s',
    ])
    await kept.stop()
    expect(waits()).toBe(0)
  })

  test('the very first failure is the caller’s', async () => {
    const failing = keepRunning({ name: 'x', start: async () => { throw new Error('no') }, say: () => {} })
    await expect(failing).rejects.toThrow('no')
  })
})

describe('flags', () => {
  test('a flag wins over its variable, and the rest stays', () => {
    const flags = readFlags(['--port', '4000', '--no-agent'], { TOWPATH_PORT: '1', TOWPATH_BIND: '127.0.0.1' })
    expect(flags).toMatchObject({ agent: false, relay: false, help: false, variables: { TOWPATH_PORT: '4000', TOWPATH_BIND: '127.0.0.1' } })
  })

  test.each([[['--prot', '1']], [['extra']], [['--port']]])('%j is one line that points at the help', (argv) => {
    expect(() => readFlags(argv, {})).toThrow(/^[^\n]+: npm start -- --help lists what there is$/)
  })

  test('what is for this machine’s agent reaches it, by flag or variable; what it would not start with is told first', () => {
    expect(readFlags([], {}).agentOptions).toEqual([])
    expect(readFlags(['--workers', '2', '--session-rate', '3mbit'], { TOWPATH_DATA_PLANE: 'batched', TOWPATH_WORKERS: '1' }).agentOptions)
      .toEqual(['--data-plane=batched', '--workers=2', '--session-rate=3mbit'])
    expect(() => readFlags(['--session-rate', '100'], {})).toThrow(new StartError('--session-rate is a rate such as 100mbit (kbit, mbit, gbit), not "100"'))
    expect(() => readFlags(['--data-plane', 'fast'], {})).toThrow(new StartError('--data-plane is one of auto, batched, dgram, not "fast"'))
    expect(() => readFlags([], { TOWPATH_WORKERS: 'all' })).toThrow(/^--workers is a number from 1 to \d+, not "all"$/)
  })

  test('the help names every flag', () => {
    for (const flag of ['--port', '--bind', '--public-url', '--derp-port', '--stun-port', '--public-address', '--data', '--data-plane', '--workers', '--session-rate', '--no-agent', '--relay']) {
      expect(helpText()).toContain(flag)
    }
  })
})
