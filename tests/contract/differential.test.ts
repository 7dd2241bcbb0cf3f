import { createSocket } from 'node:dgram'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataPlane } from '../../agent/dataplane/index.ts'
import type { ForwardCommand } from '../../agent/relay/index.ts'
import type { AddrPort } from '../../lib/addr-port.ts'
import { concatBytes } from '../../lib/bytes.ts'
import { encodeGeneve, protocolDisco, protocolWireGuard } from '../../protocol/geneve/index.ts'
import { createBatchedPlane } from '../../agent/dataplane/batched/plane.ts'
import { loadLibc } from '../../agent/dataplane/batched/libc.ts'
import { batchedPlane, isLinux, nativePath, planes } from './planes.ts'

/** The same traffic and commands through both planes: what comes out, and what goes up, must be the same bytes. */
const peerCount = 4
const host = '127.0.0.1'
/** One for each of up to three workers, which share by VNI. */
const marks = [0, 1, 2].map((vni) => Uint8Array.of(0xee, 1, 0xee, 1, 0, 0, vni, 0))
const isMark = (bytes: Uint8Array): boolean => bytes.length === 8 && bytes[0] === 0xee

type Step =
  | { readonly type: 'bind'; readonly vni: number; readonly leg: 0 | 1; readonly peer: number }
  | { readonly type: 'unbind'; readonly vni: number; readonly gentle: boolean }
  /** One peer's burst: the kernel keeps its order. */
  | { readonly type: 'burst'; readonly peer: number; readonly packets: readonly Uint8Array[] }

const vni = fc.integer({ min: 1, max: 3 })
const peer = fc.nat(peerCount - 1)
const payload = fc.tuple(fc.constantFrom(0, 1, 63, 64, 64, 64, 1300), fc.nat(255)).map(([length, value]) => new Uint8Array(length).fill(value))
const packet = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(vni, payload).map(([id, bytes]) => concatBytes(encodeGeneve({ vni: id, control: false, protocol: protocolWireGuard }), bytes)) },
  { weight: 2, arbitrary: fc.tuple(vni, payload).map(([id, bytes]) => concatBytes(encodeGeneve({ vni: id, control: false, protocol: protocolDisco }), bytes)) },
  { weight: 1, arbitrary: fc.tuple(vni, payload).map(([id, bytes]) => concatBytes(encodeGeneve({ vni: id, control: true, protocol: protocolDisco }), bytes)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).filter((bytes) => !isMark(bytes)) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('bind' as const), vni, leg: fc.constantFrom(0 as const, 1 as const), peer }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unbind' as const), vni, gentle: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('burst' as const), peer, packets: fc.array(packet, { minLength: 1, maxLength: 40 }) }) },
)

async function openPeer(onMessage: (bytes: Uint8Array) => void) {
  const socket = createSocket('udp4')
  socket.on('message', (bytes) => onMessage(Uint8Array.from(bytes)))
  await new Promise<void>((resolve) => { socket.bind(0, host, resolve) })
  return { at: { ip: host, port: socket.address().port } satisfies AddrPort, socket }
}

/** What each peer received, what went up from each peer, and the figures. */
async function outcome(create: (typeof planes)['dgram'], steps: readonly Step[]) {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  const received: string[][] = Array.from({ length: peerCount }, () => [])
  const up: string[] = []
  let marksUp = 0
  const marksBack = new Array<number>(peerCount).fill(0)
  const peers = await Promise.all(received.map((list, i) => openPeer((bytes) => {
    if (isMark(bytes)) marksBack[i] = (marksBack[i] ?? 0) + 1
    else list.push(hex(bytes))
  })))
  const plane: DataPlane = create((from, bytes) => {
    if (isMark(bytes)) marksUp++
    else up.push(`${peers.findIndex(({ at }) => at.port === from.port)} ${hex(bytes)}`)
  })
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  const command = (one: Exclude<Step, { type: 'burst' }>): ForwardCommand => {
    if (one.type === 'unbind') return { type: 'unbindForward', vni: one.vni, gentle: one.gentle }
    return { type: 'bindForward', vni: one.vni, leg: one.leg, addr: peers[one.peer]?.at ?? { ip: host, port: 1 } }
  }
  let bursts = 0
  for (const one of steps) {
    if (one.type !== 'burst') {
      plane.apply(command(one))
      continue
    }
    const { socket } = peers[one.peer] ?? { socket: createSocket('udp4') }
    for (const bytes of [...one.packets, ...marks]) socket.send(bytes, state.port, host)
    bursts++
    await expect.poll(() => marksUp, { interval: 1, timeout: 5000 }).toBe(bursts * marks.length)
    // A socket keeps the order: behind these all that was forwarded has come.
    for (const { at } of peers) plane.sendControl(at, marks[0] ?? new Uint8Array(8))
    await expect.poll(() => marksBack.every((count) => count === bursts), { interval: 1, timeout: 5000 }).toBe(true)
  }
  const figures = plane.readCounters().toSorted((a, b) => a.vni - b.vni || Number(b.ended) - Number(a.ended))
  await plane.close()
  for (const { socket } of peers) socket.close()
  return { received, up, figures }
}

/** Several workers keep the order of a VNI, not of all. */
const inAnyOrder = ({ received, up, figures }: Awaited<ReturnType<typeof outcome>>) => ({ received: received.map((list) => list.toSorted()), up: up.toSorted(), figures })
const asItCame: typeof inAnyOrder = (all) => all

test.skipIf(!isLinux).each([['batched', asItCame], ['batched in three threads', inAnyOrder]] as const)('random traffic and commands: %s sends the same bytes as dgram, passes up the same and counts the same', async (name, seen) => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
    expect(seen(await outcome(planes[name], steps))).toEqual(seen(await outcome(planes.dgram, steps)))
  }), { numRuns: 25, seed: 7 })
}, 60_000)

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
