import { expect, test } from 'vitest'
import type { LocalStatus } from '../local-status.ts'
import { statusText } from './local.ts'

const relay: LocalStatus['relay'] = { state: 'relaying', text: '', port: 40_000, addresses: [], sessions: 0, dataplane: 'dgram' }
const linesOf = (told: Partial<LocalStatus['relay']>) => statusText({
  version: '1', pid: 7, uptimeMs: 0, server: 'http://a', connected: true, addresses: [], revision: 1, derp: { region: 0, connected: false }, advertised: true, sessions: [], relay: { ...relay, ...told },
}).split('\n').filter((line) => /^(Data plane|Session rate) /.test(line))

const buffers = { asked: 4 << 20, receive: 4 << 20, send: 4 << 20 }

test.each([
  [{}, ['Data plane     dgram']],
  [{ dataplane: 'batched', workers: 1, buffers }, ['Data plane     batched, 1 thread, socket buffers of 4096 KiB in and 4096 KiB out']],
  [{ dataplane: 'batched', workers: 2, buffers: { ...buffers, receive: 212_992 } }, ['Data plane     batched, 2 threads, socket buffers of 208 KiB in and 4096 KiB out, of 4096 KiB asked for']],
  [{ sessionRate: 3_000_000 }, ['Data plane     dgram', 'Session rate   3 Mbit/s each way']],
])('%j', (told, lines) => {
  expect(linesOf(told)).toEqual(lines)
})
