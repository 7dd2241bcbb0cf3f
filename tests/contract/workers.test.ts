import { expect, test } from 'vitest'
import { createBatchedPlane } from '../../agent/dataplane/batched/plane.ts'
import { loadLibc } from '../../agent/dataplane/batched/libc.ts'
import { encodeGeneve, protocolWireGuard } from '../../protocol/geneve/index.ts'
import { host, marks, openPeer } from './differential-suite.ts'
import { batchedPlane, isLinux, nativePath } from './planes.ts'

test.skipIf(!isLinux)('workers share sessions by VNI: both ways of one meet in the same', async () => {
  const plane = batchedPlane(() => undefined, { workers: 2 })
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  let received = 0
  const [a, b] = [await openPeer(() => { received++ }), await openPeer(() => { received++ })]
  for (const id of [10, 11, 12, 15]) {
    plane.apply({ type: 'bindForward', vni: id, leg: 0, addr: a.at })
    plane.apply({ type: 'bindForward', vni: id, leg: 1, addr: b.at })
    const bytes = encodeGeneve({ vni: id, control: false, protocol: protocolWireGuard })
    // One at a time: what is merged goes where its first one goes.
    for (const { socket } of [a, b, a]) {
      const before = received
      socket.send(bytes, state.port, host)
      await expect.poll(() => received, { interval: 1 }).toBe(before + 1)
    }
  }
  expect(plane.workerPackets()).toEqual([6, 6])
  await plane.close()
  for (const { socket } of [a, b]) socket.close()
})

test.skipIf(!isLinux)('what comes while the receive buffer is full is counted by the kernel, as a reason of its own', async () => {
  const plane = batchedPlane(() => undefined, { workers: 1, onWorkerDeath: () => undefined })
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  const a = await openPeer(() => undefined)
  const killed = plane.killWorker()
  // What waits in the kernel ends at its next datagram.
  a.socket.send(marks[0] ?? '', state.port, host)
  await killed
  const large = new Uint8Array(60_000)
  for (let i = 0; i < 400; i++) a.socket.send(large, state.port, host)
  await expect.poll(() => plane.totals().kernelDrops).toBeGreaterThan(0)
  await plane.close()
  expect(plane.totals().kernelDrops).toBeGreaterThan(0)
  a.socket.close()
})

test.skipIf(!isLinux)('a worker that dies is replaced within a second: the session goes on, its figures with it', async () => {
  const deaths: string[] = []
  const plane = batchedPlane(() => undefined, { onWorkerDeath: (why) => deaths.push(why) })
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  let received = 0
  const [a, b] = [await openPeer(() => undefined), await openPeer(() => { received++ })]
  plane.apply({ type: 'bindForward', vni: 9, leg: 0, addr: a.at })
  plane.apply({ type: 'bindForward', vni: 9, leg: 1, addr: b.at })
  const bytes = encodeGeneve({ vni: 9, control: false, protocol: protocolWireGuard })
  const load = setInterval(() => a.socket.send(bytes, state.port, host), 1)
  await expect.poll(() => received).toBeGreaterThan(10)
  await plane.killWorker()
  const [before, at] = [received, performance.now()]
  const counted = plane.readActivity()[0]?.packets[0] ?? 0
  await expect.poll(() => received, { interval: 5, timeout: 3000 }).toBeGreaterThan(before + 10)
  expect(performance.now() - at).toBeLessThan(1000)
  expect(plane.readActivity()[0]?.packets[0]).toBeGreaterThan(counted)
  expect(deaths).toHaveLength(1)
  clearInterval(load)
  await plane.close()
  for (const { socket } of [a, b]) socket.close()
}, 20_000)

test.skipIf(!isLinux)('a worker that is killed under load: the other’s sessions go on meanwhile, its own are back within a second', async () => {
  const plane = batchedPlane(() => undefined, { workers: 2 })
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  const received: [number, number] = [0, 0]
  const peers = await Promise.all([0, 1].map(async (i) => {
    const [a, b] = [await openPeer(() => undefined), await openPeer(() => { received[i === 0 ? 0 : 1]++ })]
    plane.apply({ type: 'bindForward', vni: 20 + i, leg: 0, addr: a.at })
    plane.apply({ type: 'bindForward', vni: 20 + i, leg: 1, addr: b.at })
    return { a, b, bytes: encodeGeneve({ vni: 20 + i, control: false, protocol: protocolWireGuard }) }
  }))
  const load = setInterval(() => {
    for (const { a, bytes } of peers) for (let i = 0; i < 20; i++) a.socket.send(bytes, state.port, host)
  }, 1)
  await expect.poll(() => Math.min(...received)).toBeGreaterThan(100)
  await plane.killWorker(0)
  const [at, [own, others]] = [performance.now(), received]
  await expect.poll(() => received[1], { interval: 1, timeout: 3000 }).toBeGreaterThan(others + 40)
  const othersAfter = performance.now() - at
  await expect.poll(() => received[0], { interval: 5, timeout: 3000 }).toBeGreaterThan(own + 40)
  const ownAfter = performance.now() - at
  expect(ownAfter).toBeLessThan(1000)
  expect(othersAfter).toBeLessThan(ownAfter)
  clearInterval(load)
  await plane.close()
  for (const { a, b } of peers) for (const { socket } of [a, b]) socket.close()
}, 20_000)

test.skipIf(!isLinux)('a worker that cannot begin is a failure with a text, and nothing is left: the port is free', async () => {
  const deaths: string[] = []
  const broken = createBatchedPlane(() => undefined, { nativePath: '/nowhere.node', libc: loadLibc(nativePath), workers: 2, onWorkerDeath: (why) => deaths.push(why) })
  const state = await broken.start(0)
  expect(state).toEqual({ state: 'failed', text: expect.stringMatching(/^Threads of the data plane do not start: .*nowhere/) })
  expect(deaths).toHaveLength(2)
  const plane = batchedPlane(() => undefined)
  const bound = await plane.start(0)
  if (bound.state !== 'bound') throw new Error(JSON.stringify(bound))
  // Begun while it ends: the port is the same, and it works.
  const closing = plane.close()
  expect(await plane.start(bound.port)).toMatchObject({ state: 'bound', port: bound.port })
  await closing
  await plane.close()
})
