import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { startControl, startDerp, startRelay, type Cleanups } from '../../tests/simulation/probe-network.ts'

const cleanups: Cleanups = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const root = path.resolve(import.meta.dirname, '../..')

function run(...words: string[]): { readonly child: ChildProcess; readonly out: () => string; readonly errors: () => string } {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'tools/simulate/main.ts'), ...words], { cwd: root })
  cleanups.push(() => child.kill('SIGKILL'))
  let out = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => { errors += chunk.toString() })
  return { child, out: () => out, errors: () => errors }
}

const second = z.object({
  type: z.literal('second'), at: z.number(),
  pairs: z.array(z.array(z.object({ name: z.string(), path: z.string(), relay: z.string().nullable(), bitsIn: z.number(), lost: z.number() }))),
})
const summary = z.object({ type: z.literal('summary'), sent: z.number(), lost: z.number() })
const lines = (text: string): unknown[] => text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as unknown)

test('a command of its own: two pairs by the relay, a line of JSON each second, gone at SIGTERM', async () => {
  const derp = await startDerp(cleanups)
  const control = await startControl(derp, cleanups)
  const relay = await startRelay(derp, cleanups)
  const { child, out, errors } = run('--join', control.url, '--key', 'k', '--pairs', '2', '--rate', '400kbit', '--json')
  await vi.waitFor(() => expect(control.nodes()).toHaveLength(4), { timeout: 15_000 })
  relay.turn(true, control.nodes())
  control.offer([relay.node])
  const last = (): z.infer<typeof second> => second.parse(lines(out()).at(-1))
  await vi.waitFor(() => expect(last().pairs.flat().map((end) => [end.path, end.relay, end.bitsIn > 100_000])).toEqual(Array(4).fill(['relay', 'relay', true])), { timeout: 15_000, interval: 100 })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  const closing = summary.parse(lines(out()).at(-1))
  expect(closing.sent).toBeGreaterThan(20)
  expect(closing.lost).toBe(0)
  expect(errors()).toBe('')
  expect(control.left.toSorted()).toEqual(['sim-a1', 'sim-a2', 'sim-b1', 'sim-b2'])
}, 40_000)

test('a second signal, as npm passes one on: it still leaves and sums up', async () => {
  const control = await startControl(await startDerp(cleanups), cleanups)
  const { child, out } = run('--join', control.url, '--key', 'k', '--pairs', '1')
  await vi.waitFor(() => expect(control.nodes()).toHaveLength(2), { timeout: 15_000 })
  control.whenLeaving(() => {
    if (control.left.length === 1) child.kill('SIGINT')
  })
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([0, null])
  expect(out()).toMatch(/^\d+ s, \d+ packets sent, /m)
  expect(control.left.toSorted()).toEqual(['sim-a1', 'sim-b1'])
}, 30_000)

test('turned away, or called wrongly: one line and exit code 1', async () => {
  const control = await startControl(await startDerp(cleanups), cleanups)
  control.refuse('The auth key has been revoked.')
  const refused = run('--join', control.url, '--key', 'k', '--pairs', '1')
  const wrong = run('--rate', 'fast')
  expect(await Promise.all([once(refused.child, 'close'), once(wrong.child, 'close')])).toEqual([[1, null], [1, null]])
  expect(refused.errors()).toBe('The auth key has been revoked. Make another.\n')
  expect(wrong.errors()).toMatch(/^--rate fast: give a rate [^\n]*\n$/)
}, 30_000)
