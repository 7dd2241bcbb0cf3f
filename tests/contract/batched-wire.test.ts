import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { arenaOf, loadLibc } from '../../agent/dataplane/batched/libc.ts'
import { linux } from '../../agent/dataplane/batched/linux.ts'
import { openSockets } from '../../agent/dataplane/batched/open-socket.ts'
import { header, place, prepareRings, readBeside } from '../../agent/dataplane/batched/rings.ts'
import { encodeSockaddr } from '../../agent/dataplane/batched/sockaddr.ts'
import { concatBytes } from '../../lib/bytes.ts'
import { encodeGeneve, protocolWireGuard } from '../../protocol/geneve/index.ts'
import { batchedPlane, isLinux, nativePath } from './planes.ts'

/** What node:dgram neither sends nor shows: traffic classes, and datagrams beyond the MTU. Peers are sockets of the C library. */
const wire = (() => {
  if (!isLinux) return undefined
  const libc = loadLibc(nativePath)
  return { libc, arena: arenaOf(libc, place.size), out: arenaOf(libc, 65_536 + 32) }
})()

function openPeer() {
  if (!wire) throw new Error('not here')
  const { libc, arena, out } = wire
  const opened = openSockets(libc, 0, 1)
  if (!opened.ok) throw new Error(opened.code)
  const [fd = -1] = opened.fds
  onTestFinished(() => void libc.close(fd))
  const set = (level: number, option: number, value: number): void => {
    out.words[0] = value
    if (libc.setsockopt(fd, level, option, out.address, 4) !== 0) throw new Error(`errno ${libc.errno()}`)
  }
  // What a peer sends may be larger than the MTU.
  set(linux.IPPROTO_IPV6, linux.IPV6_MTU_DISCOVER, linux.PMTUDISC_WANT)
  return {
    port: opened.port,
    sendsWith(trafficClass: number) {
      set(linux.IPPROTO_IP, linux.IP_TOS, trafficClass)
      set(linux.IPPROTO_IPV6, linux.IPV6_TCLASS, trafficClass)
    },
    /** What it sends from now on is many datagrams of this length, in one piece as far as the kernel keeps it. */
    sendsSegments: (length: number) => set(linux.SOL_UDP, linux.UDP_SEGMENT, length),
    send(ip: string, port: number, bytes: Uint8Array) {
      out.bytes.set(encodeSockaddr({ ip, port }) ?? new Uint8Array())
      out.bytes.set(bytes, 32)
      if (libc.sendto(fd, out.address + 32, bytes.length, 0, out.address, 28) < 0) throw new Error(`errno ${libc.errno()}`)
    },
    /** Traffic class and length of what has come; undefined: nothing yet. */
    receive() {
      prepareRings(arena, arena.high)
      if (libc.recvmmsg(fd, arena.address + place.receiveHeaders, 1, linux.MSG_DONTWAIT, 0) !== 1) return undefined
      const head = place.receiveHeaders / 4
      const beside = { size: 0, trafficClass: 0 }
      const length = arena.words[head + header.length] ?? 0
      readBeside(arena.words, 0, head, length, beside)
      return [beside.trafficClass, length]
    },
  }
}

async function relayed(ip: string) {
  const plane = batchedPlane(() => undefined, { workers: 1 })
  onTestFinished(() => plane.close())
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  const [a, b] = [openPeer(), openPeer()]
  plane.apply({ type: 'bindForward', vni: 3, leg: 0, addr: { ip, port: a.port } })
  plane.apply({ type: 'bindForward', vni: 3, leg: 1, addr: { ip, port: b.port } })
  return { plane, a, b, port: state.port, send: (length: number) => a.send(ip, state.port, concatBytes(encodeGeneve({ vni: 3, control: false, protocol: protocolWireGuard }), new Uint8Array(length))) }
}

test.skipIf(!isLinux).each(['127.0.0.1', '::1'])('DSCP and ECN of a datagram go on with it, each its own: %s', async (ip) => {
  const { a, b, send } = await relayed(ip)
  for (const trafficClass of [0xb8, 0x02, 0, 0x2b]) {
    a.sendsWith(trafficClass)
    send(100)
    await expect.poll(() => b.receive(), { interval: 2 }).toEqual([trafficClass, 108])
  }
})

test.skipIf(!isLinux)('a datagram larger than the MTU goes on in fragments, and is counted by direction', async () => {
  const { plane, b, send } = await relayed('::1')
  send(65_499)
  await expect.poll(() => b.receive()?.[1], { interval: 2 }).toBe(65_507)
  send(65_000)
  await expect.poll(() => b.receive()?.[1], { interval: 2 }).toBe(65_008)
  expect(plane.readCounters()).toEqual([{ vni: 3, packets: [2, 0], bytes: [130_515, 0], tooBig: [1, 0], ended: false }])
})

test.skipIf(!isLinux)('of datagrams larger than the MTU in one batch each is counted, and the others go before them', async () => {
  const { plane, a, b, port, send } = await relayed('::1')
  const killed = plane.killWorker()
  // A thread that waits in the kernel ends at its next datagram.
  a.send('::1', port, new Uint8Array(4))
  await killed
  // Its successor finds them all at once.
  for (const length of [65_499, 65_499, 100, 65_499]) send(length)
  const lengths: (number | undefined)[] = []
  await expect.poll(() => {
    const [, length] = b.receive() ?? []
    if (length !== undefined) lengths.push(length)
    return lengths
  }, { interval: 2, timeout: 5000 }).toEqual([108, 65_507, 65_507, 65_507])
  expect(plane.readCounters()).toMatchObject([{ packets: [4, 0], tooBig: [3, 0] }])
  expect(plane.totals().tooBig).toBe(3)
})

test.skipIf(!isLinux)('128 merged datagrams of two sessions by turns: each goes where it belongs, whole', async () => {
  const plane = batchedPlane(() => undefined, { workers: 1 })
  onTestFinished(() => plane.close())
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  const a = openPeer()
  const ip = '127.0.0.1'
  const wrong: string[] = []
  const received: [number, number] = [0, 0]
  for (const i of [0, 1] as const) {
    const b = createSocket('udp4', (bytes) => {
      received[i]++
      if (bytes.length !== 16 || bytes[6] !== 21 + i) wrong.push(`${i}: ${bytes.toString('hex')}`)
    })
    onTestFinished(() => void b.close())
    await new Promise<void>((resolve) => { b.bind(0, ip, resolve) })
    plane.apply({ type: 'bindForward', vni: 21 + i, leg: 0, addr: { ip, port: a.port } })
    plane.apply({ type: 'bindForward', vni: 21 + i, leg: 1, addr: { ip, port: b.address().port } })
  }
  const datagram = (vni: number): Uint8Array => concatBytes(encodeGeneve({ vni, control: false, protocol: protocolWireGuard }), new Uint8Array(8).fill(vni))
  const merged = concatBytes(...Array.from({ length: 128 }, (_, i) => datagram(21 + (i % 2))))
  a.sendsSegments(16)
  for (let i = 0; i < 60; i++) a.send(ip, state.port, merged)
  await expect.poll(() => plane.totals().packetsIn).toBe(7680)
  expect(plane.readCounters().map(({ packets }) => packets)).toEqual([[3840, 0], [3840, 0]])
  // What the receivers' own small buffers hold.
  await expect.poll(() => Math.min(...received)).toBeGreaterThan(128)
  expect(wrong).toEqual([])
})
