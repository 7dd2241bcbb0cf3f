import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, expect, test } from 'vitest'
import { encodeGeneve, protocolWireGuard } from '../../protocol/geneve/index.ts'
import { dataPlaneContract, openPeer } from './dataplane-suite.ts'
import { differential } from './differential-suite.ts'
import { batchedPlane, isLinux, planes } from './planes.ts'

/**
 * Collections all the time, in the workers too: an address that the kernel was given and that nothing holds would be somebody
 * else's memory. Flags are of the process, which this file has to itself.
 */
for (const flag of ['--expose-gc', '--stress-marking=20']) setFlagsFromString(flag)
const collect: unknown = runInNewContext('gc')
const collecting = setInterval(() => { if (typeof collect === 'function') collect() }, 10)
afterAll(() => clearInterval(collecting))

dataPlaneContract('dgram, with forced collections', planes.dgram)
if (isLinux) dataPlaneContract('batched, with forced collections', planes.batched)
differential(', with forced collections')

test.skipIf(!isLinux)('a worker that collects all the time, as much of what it gets goes up, forwards the right bytes', async () => {
  let up = 0
  const plane = batchedPlane(() => { up++ }, { workers: 1 })
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  const expected = Buffer.concat([encodeGeneve({ vni: 4, control: false, protocol: protocolWireGuard }), Buffer.alloc(1200, 7)])
  const [a, b] = await Promise.all([0, 1].map(() => openPeer('udp4', '127.0.0.1', () => state.port)))
  if (!a || !b) throw new Error('no peers')
  plane.apply({ type: 'bindForward', vni: 4, leg: 0, addr: a.at })
  plane.apply({ type: 'bindForward', vni: 4, leg: 1, addr: b.at })
  const stray = Buffer.alloc(1400, 0xff)
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 10; i++) a.send(stray)
    a.send(expected)
    await expect.poll(() => b.received.length, { interval: 1 }).toBe(round + 1)
  }
  expect(b.received.filter((bytes) => !expected.equals(bytes))).toEqual([])
  expect(up).toBeGreaterThan(1000)
  await plane.close()
  for (const peer of [a, b]) peer.close()
}, 30_000)
