import { createSocket, type Socket } from 'node:dgram'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DataPlane, OnControl } from '../../agent/dataplane/index.ts'
import type { AddrPort } from '../../lib/addr-port.ts'
import { concatBytes } from '../../lib/bytes.ts'
import { encodeGeneve, protocolDisco, protocolWireGuard } from '../../protocol/geneve/index.ts'

interface Peer {
  readonly at: AddrPort
  readonly received: Uint8Array[]
  send(bytes: Uint8Array): void
  close(): void
}

const families = [
  { family: 'IPv4', type: 'udp4', host: '127.0.0.1' },
  { family: 'IPv6', type: 'udp6', host: '::1' },
] as const

function header(vni: number, protocol: number, control = false): Uint8Array {
  return encodeGeneve({ vni, control, protocol })
}

function data(vni: number, ...payload: number[]): Uint8Array {
  return concatBytes(header(vni, protocolWireGuard), Uint8Array.from(payload))
}

export async function openPeer(type: 'udp4' | 'udp6', host: string, to: () => number): Promise<Peer> {
  const socket: Socket = createSocket({ type, ipv6Only: type === 'udp6' })
  const received: Uint8Array[] = []
  socket.on('message', (bytes) => received.push(Uint8Array.from(bytes)))
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, host, resolve)
  })
  return {
    at: { ip: host, port: socket.address().port },
    received,
    send: (bytes) => socket.send(bytes, to(), host),
    close: () => socket.close(),
  }
}

/** What every data plane must do, on real sockets over loopback. */
export function dataPlaneContract(name: string, create: (onControl: OnControl) => DataPlane): void {
  describe.each(families)(`${name} over $family`, ({ type, host }) => {
    let plane: DataPlane
    let up: { from: AddrPort; bytes: Uint8Array }[]
    let port: number
    let peers: Peer[]

    const peer = async (): Promise<Peer> => {
      const made = await openPeer(type, host, () => port)
      peers.push(made)
      return made
    }
    const bind = (vni: number, a: Peer, b: Peer): void => {
      plane.apply({ type: 'bindForward', vni, leg: 0, addr: a.at })
      plane.apply({ type: 'bindForward', vni, leg: 1, addr: b.at })
    }
    /** Loopback keeps a socket's order: when the mark has come up, all sent before it has been handled. */
    const settle = async (from: Peer): Promise<void> => {
      const mark = Uint8Array.of(0xee, 0, 0xee, 1)
      from.send(mark)
      await expect.poll(() => up.some(({ bytes }) => bytes.length === 4 && bytes[0] === 0xee && bytes[3] === 1)).toBe(true)
      up = up.filter(({ bytes }) => bytes[0] !== 0xee)
    }

    beforeEach(async () => {
      up = []
      peers = []
      plane = create((from, bytes) => up.push({ from, bytes: Uint8Array.from(bytes) }))
      const state = await plane.start(0)
      if (state.state !== 'bound') throw new Error(JSON.stringify(state))
      port = state.port
    })
    afterEach(async () => {
      for (const open of peers) open.close()
      await plane.close()
    })

    test('forwards between bound legs, unchanged, both ways; a bare header and probes too', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      const packets = [data(5, 1, 2, 3), header(5, protocolWireGuard), header(5, protocolDisco), data(5, ...new Array<number>(1300).fill(7))]
      for (const packet of packets) a.send(packet)
      b.send(data(5, 9))
      await expect.poll(() => b.received.length).toBe(packets.length)
      await expect.poll(() => a.received.length).toBe(1)
      expect(b.received).toEqual(packets)
      expect(a.received).toEqual([data(5, 9)])
      expect(up).toEqual([])
    })

    test('passes up, and does not forward, what no bound source sent', async () => {
      const [a, b, stranger] = [await peer(), await peer(), await peer()]
      bind(5, a, b)
      stranger.send(data(5, 1))
      await settle(stranger)
      a.send(data(6, 1))
      await settle(a)
      expect(up.map(({ from, bytes }) => [from, bytes])).toEqual([[stranger.at, data(5, 1)], [a.at, data(6, 1)]])
      expect([...a.received, ...b.received]).toEqual([])
    })

    test('passes up everything while only one leg is bound', async () => {
      const a = await peer()
      plane.apply({ type: 'bindForward', vni: 5, leg: 0, addr: a.at })
      a.send(data(5, 1))
      await settle(a)
      expect(up).toEqual([{ from: a.at, bytes: data(5, 1) }])
    })

    test('passes up control, options, other versions and protocols of a bound source', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      const withFirst = (first: number): Uint8Array => data(5, 1).map((byte, i) => (i === 0 ? first : byte))
      const odd = [header(5, protocolDisco, true), withFirst(0x40), withFirst(0x02), header(5, 0x6558)]
      for (const packet of odd) a.send(packet)
      await settle(a)
      expect(up.map(({ bytes }) => bytes)).toEqual(odd)
      expect(b.received).toEqual([])
    })

    test('a leg bound anew: the new address alone sends and receives', async () => {
      const [a, b, a2] = [await peer(), await peer(), await peer()]
      bind(5, a, b)
      plane.apply({ type: 'bindForward', vni: 5, leg: 0, addr: a2.at })
      a.send(data(5, 1))
      await settle(a)
      a2.send(data(5, 2))
      b.send(data(5, 3))
      await expect.poll(() => a2.received).toEqual([data(5, 3)])
      await expect.poll(() => b.received).toEqual([data(5, 2)])
      expect(a.received).toEqual([])
    })

    test('unbind at once: nothing passes any more', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      plane.apply({ type: 'unbindForward', vni: 5, gentle: false })
      a.send(data(5, 1))
      b.send(data(5, 2))
      await settle(a)
      await settle(b)
      expect([...a.received, ...b.received]).toEqual([])
      expect(up).toHaveLength(2)
    })

    test('unbind gently: data passes, probes do not; then at once', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      plane.apply({ type: 'unbindForward', vni: 5, gentle: true })
      a.send(header(5, protocolDisco))
      a.send(data(5, 1))
      await settle(a)
      await expect.poll(() => b.received).toEqual([data(5, 1)])
      plane.apply({ type: 'unbindForward', vni: 5, gentle: false })
      a.send(data(5, 2))
      await settle(a)
      expect(b.received).toEqual([data(5, 1)])
    })

    test('counts per VNI and direction; the last figures of an ended session are given once', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      bind(6, a, b)
      a.send(data(5, 1))
      a.send(data(5, 1, 2))
      b.send(data(5))
      a.send(data(6, 1))
      await expect.poll(() => b.received.length + a.received.length).toBe(4)
      expect(plane.readActivity()).toEqual([{ vni: 5, packets: [2, 1] }, { vni: 6, packets: [1, 0] }])
      plane.apply({ type: 'unbindForward', vni: 5, gentle: false })
      const six = { vni: 6, packets: [1, 0], bytes: [9, 0], ended: false }
      expect(plane.readCounters()).toEqual([{ vni: 5, packets: [2, 1], bytes: [19, 8], ended: true }, six])
      expect(plane.readCounters()).toEqual([six])
      expect(plane.totals()).toMatchObject({ packetsIn: 4, packetsOut: 4, bytesIn: 36, bytesOut: 36, socketErrors: 0 })
    })

    test('a VNI used again starts at zero', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      a.send(data(5, 1))
      await expect.poll(() => b.received.length).toBe(1)
      plane.apply({ type: 'unbindForward', vni: 5, gentle: false })
      bind(5, b, a)
      expect(plane.readActivity()).toEqual([{ vni: 5, packets: [0, 0] }])
    })

    test('empty, tiny and oversized datagrams do no harm', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      const largest = concatBytes(data(5), new Uint8Array(65_507 - 8))
      a.send(new Uint8Array())
      a.send(Uint8Array.of(0))
      a.send(largest)
      await settle(a)
      expect(up.map(({ bytes }) => bytes.length)).toEqual([0, 1])
      plane.sendControl(b.at, new Uint8Array(70_000))
      a.send(data(5, 1))
      await expect.poll(() => b.received.length).toBe(2)
      expect(b.received[0]).toEqual(largest)
    })

    test('a leg that is gone (ICMP port unreachable), or with port 0, does no harm', async () => {
      const [a, b, gone] = [await peer(), await peer(), await peer()]
      bind(5, a, gone)
      peers = peers.filter((open) => open !== gone)
      gone.close()
      for (let i = 0; i < 20; i++) a.send(data(5, i))
      await settle(a)
      plane.sendControl({ ip: host, port: 0 }, data(5))
      bind(6, a, b)
      a.send(data(6, 1))
      await expect.poll(() => b.received).toEqual([data(6, 1)])
      expect(plane.state.state).toBe('bound')
    })

    test('what two sessions of one client send together keeps to its rate; what is more is counted, and nothing else of it', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      bind(6, a, b)
      const client = { bucket: 'client from 1', bytesPerSecond: 200_000, packetsPerSecond: 1e6 }
      for (const vni of [5, 6]) plane.apply({ type: 'limitForward', vni, leg: 0, limits: { client } })
      const begun = performance.now()
      for (let i = 0; i < 40; i++) for (const vni of [5, 6]) a.send(data(vni, ...new Array<number>(992).fill(i)))
      b.send(data(5, 1))
      // Of several threads the mark may overtake.
      await expect.poll(() => plane.totals().packetsIn).toBe(81)
      const seconds = (performance.now() - begun) / 1000
      const { packetsOut, packetsIn, rateDrops } = plane.totals()
      const passed = plane.readActivity().reduce((all, { packets }) => all + packets[0], 0)
      expect(passed).toBeGreaterThanOrEqual(17)
      // Two threads may each lose a charge of the other.
      expect(passed).toBeLessThanOrEqual(20 + 200 * seconds + 5)
      expect({ packetsIn, packetsOut, rateDrops }).toEqual({ packetsIn: 81, packetsOut: passed + 1, rateDrops: 80 - passed })
      await expect.poll(() => [a.received.length, b.received.length]).toEqual([1, passed])
      expect(up).toEqual([])
    })

    test('a session’s own limit is of packets too, holds beside the client’s, outlives a new port, and goes with the session', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      const session = { bucket: 'session 5 0', bytesPerSecond: 1e6, packetsPerSecond: 1 }
      plane.apply({ type: 'limitForward', vni: 5, leg: 0, limits: { client: { ...session, bucket: 'c', packetsPerSecond: 1e6 }, session } })
      await plane.close()
      const state = await plane.start(0)
      if (state.state !== 'bound') throw new Error(JSON.stringify(state))
      port = state.port
      for (let i = 0; i < 60; i++) a.send(data(5, i))
      await expect.poll(() => plane.readActivity()).toEqual([{ vni: 5, packets: [28, 0] }])
      await expect.poll(() => plane.totals().rateDrops).toBe(32)
      a.send(header(5, protocolDisco))
      await expect.poll(() => plane.readActivity()).toEqual([{ vni: 5, packets: [29, 0] }])
      plane.apply({ type: 'unbindForward', vni: 5, gentle: false })
      bind(5, a, b)
      for (let i = 0; i < 60; i++) a.send(data(5, i))
      await expect.poll(() => plane.readActivity()).toEqual([{ vni: 5, packets: [60, 0] }])
    })

    test('sends control from its port', async () => {
      const a = await peer()
      plane.sendControl(a.at, Uint8Array.of(1, 2))
      await expect.poll(() => a.received).toEqual([Uint8Array.of(1, 2)])
    })

    test('a port in use is a state with a text; once free, it binds', async () => {
      const second = create(() => undefined)
      const text: unknown = expect.stringMatching(new RegExp(`^Cannot bind port ${port}: in use( by pid ${process.pid} \\(.+\\))?$`))
      expect(await second.start(port)).toEqual({ state: 'failed', text })
      expect(second.state.state).toBe('failed')
      await plane.close()
      expect(await second.start(port)).toMatchObject({ state: 'bound', port })
      await second.close()
    })

    test('sessions are kept over a change of port', async () => {
      const [a, b] = [await peer(), await peer()]
      bind(5, a, b)
      await plane.close()
      expect(plane.state).toEqual({ state: 'stopped' })
      const state = await plane.start(0)
      if (state.state !== 'bound') throw new Error(JSON.stringify(state))
      port = state.port
      a.send(data(5, 1))
      await expect.poll(() => b.received).toEqual([data(5, 1)])
    })
  })

  test(`${name}: one leg on IPv4, the other on IPv6`, async () => {
    const plane = create(() => undefined)
    const state = await plane.start(0)
    if (state.state !== 'bound') throw new Error(JSON.stringify(state))
    const a = await openPeer('udp4', '127.0.0.1', () => state.port)
    const b = await openPeer('udp6', '::1', () => state.port)
    plane.apply({ type: 'bindForward', vni: 1, leg: 0, addr: a.at })
    plane.apply({ type: 'bindForward', vni: 1, leg: 1, addr: b.at })
    a.send(data(1, 1))
    b.send(data(1, 2))
    await expect.poll(() => [a.received, b.received]).toEqual([[data(1, 2)], [data(1, 1)]])
    a.close()
    b.close()
    await plane.close()
  })
}
