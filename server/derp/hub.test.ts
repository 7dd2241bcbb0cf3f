import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameParser, encodeRawFrame } from '../../protocol/derp/frame.ts'
import { sealClientInfo } from '../../protocol/derp/info.ts'
import { decodeDerp, encodeDerp, type DerpMessage } from '../../protocol/derp/message.ts'
import { formatKey } from '../../protocol/keys.ts'
import { beforeBox, boxPublicKey } from '../../protocol/nacl-box.ts'
import { createDerpHub } from './hub.ts'
import { defaultDerpLimits, type DerpLimits } from './limits.ts'

const privateKeyOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)
const keyOf = (n: number): Uint8Array => boxPublicKey(privateKeyOf(n))

function start(limits: Partial<DerpLimits> = {}) {
  const known = new Set([1, 2, 3].map((n) => formatKey('nodekey', keyOf(n))))
  const hub = createDerpHub({
    privateKey: privateKeyOf(99),
    mayConnect: (key) => known.has(key),
    limits: { ...defaultDerpLimits, ...limits },
    random: (length) => new Uint8Array(length),
  })

  function read(id: number, now = 0): DerpMessage[] {
    const messages: DerpMessage[] = []
    for (let bytes = hub.next(id, now); bytes; bytes = hub.next(id, now)) {
      const frames = createFrameParser().push(bytes)
      for (const frame of frames.ok ? frames.value : []) {
        const message = decodeDerp(frame)
        if (message.ok) messages.push(message.value)
      }
    }
    return messages
  }

  function closes(): string[] {
    const reasons: string[] = []
    for (let command = hub.nextCommand(); command; command = hub.nextCommand()) {
      if (command.kind === 'close') reasons.push(`${command.connection} ${command.reason}`)
    }
    return reasons
  }

  function hello(id: number, n: number, now = 0): void {
    hub.connect(id, now)
    const shared = beforeBox(privateKeyOf(n), hub.publicKey)
    if (!shared.ok) throw new Error(shared.reason)
    const info = sealClientInfo(shared.value, new Uint8Array(24), { canAckPings: true })
    hub.receive(id, encodeDerp({ kind: 'client-info', clientKey: keyOf(n), ...info }), now)
  }

  function send(id: number, to: number, packet: Uint8Array, now = 0): void {
    hub.receive(id, encodeDerp({ kind: 'send-packet', destination: keyOf(to), packet }), now)
  }

  return { hub, read, closes, hello, send }
}

const kinds = (messages: readonly DerpMessage[]): string[] => messages.map(({ kind }) => kind)

test('greets, forwards, and says who has left', () => {
  const { hub, read, closes, hello, send } = start()
  hello(1, 1)
  hello(2, 2)
  expect(kinds(read(1))).toEqual(['server-key', 'server-info'])
  expect(kinds(read(2))).toEqual(['server-key', 'server-info'])
  send(1, 2, Uint8Array.of(7))
  expect(read(2)).toEqual([{ kind: 'recv-packet', source: keyOf(1), packet: Uint8Array.of(7) }])
  hub.closed(2)
  expect(read(1)).toEqual([{ kind: 'peer-gone', peer: keyOf(2), reason: 0 }])
  send(1, 2, Uint8Array.of(7))
  expect(read(1)).toEqual([{ kind: 'peer-gone', peer: keyOf(2), reason: 1 }])
  expect(closes()).toEqual([])
  expect(hub.stats()).toMatchObject({ connections: 1, clients: 1, packets: 1, bytes: 1, dropped: { 'not-here': 1 } })
})

test('refuses strangers, forged infos, and packets before an info', () => {
  const { hub, closes, hello, send } = start()
  hello(1, 50)
  hub.connect(2, 0)
  hub.receive(2, encodeDerp({ kind: 'client-info', clientKey: keyOf(1), nonce: new Uint8Array(24), box: new Uint8Array(40) }), 0)
  hub.connect(3, 0)
  send(3, 1, new Uint8Array(1))
  expect(closes()).toEqual(['1 not-permitted', '2 bad-client-info', '3 bad-frame'])
  expect(hub.stats()).toMatchObject({ connections: 0, clients: 0 })
})

test('of two with one key the newest is written to; both hear of it, and of its end', () => {
  const { hub, read, hello, send } = start()
  hello(1, 1)
  hello(2, 1)
  hello(3, 2)
  expect(kinds(read(1))).toEqual(['server-key', 'server-info', 'health'])
  expect(kinds(read(2))).toEqual(['server-key', 'server-info', 'health'])
  send(3, 1, Uint8Array.of(1))
  expect(kinds(read(1))).toEqual([])
  expect(kinds(read(2))).toEqual(['recv-packet'])
  hub.closed(2)
  expect(read(1)).toEqual([{ kind: 'health', text: '' }])
  send(3, 1, Uint8Array.of(2))
  expect(kinds(read(1))).toEqual(['recv-packet'])
})

test('the oldest of too many with one key gives way', () => {
  const { closes, hello } = start({ maxPerKey: 2 })
  for (const id of [1, 2, 3]) hello(id, 1)
  expect(closes()).toEqual(['1 too-many-with-key'])
})

test('a slow reader loses its oldest packets', () => {
  const { hub, read, hello, send } = start({ queueBytes: 3 * (5 + 32 + 1) })
  hello(1, 1)
  hello(2, 2)
  read(2)
  for (let i = 0; i < 5; i++) send(1, 2, Uint8Array.of(i))
  expect(read(2).map((m) => m.kind === 'recv-packet' && m.packet[0])).toEqual([2, 3, 4])
  expect(hub.stats().dropped['queue-full']).toBe(2)
})

test('a sender beyond its rate loses packets, and has its rate back a second later', () => {
  const { hub, read, hello, send } = start({ bytesPerSecond: 1000, burstBytes: 1000 })
  hello(1, 1)
  hello(2, 2)
  read(2)
  send(1, 2, new Uint8Array(900))
  send(1, 2, new Uint8Array(900))
  send(1, 2, new Uint8Array(900), 1000)
  expect(kinds(read(2))).toEqual(['recv-packet', 'recv-packet'])
  expect(hub.stats().dropped.rate).toBe(1)
})

test('silence, stalling, keep-alive', () => {
  const { hub, read, closes, hello } = start()
  hub.connect(1, 0)
  hello(2, 2)
  read(2)
  hub.handleTimeout(10_000)
  expect(closes()).toEqual(['1 no-client-info'])
  hub.handleTimeout(54_999)
  expect(read(2, 54_999)).toEqual([])
  hub.handleTimeout(55_000)
  hub.handleTimeout(69_999)
  expect(closes()).toEqual([])
  hub.handleTimeout(70_000)
  expect(closes()).toEqual(['2 stalled'])
})

test('no more than so many; a node removed is out at once', () => {
  const { hub, closes, hello } = start({ maxConnections: 2 })
  for (const n of [1, 2, 3]) hello(n, n)
  expect(closes()).toEqual(['3 full'])
  hub.disconnect(formatKey('nodekey', keyOf(1)))
  expect(closes()).toEqual(['1 disconnected'])
  expect(hub.stats().clients).toBe(1)
})

test('a pinging client that never reads is let go', () => {
  const { hub, closes, hello } = start()
  hello(1, 1)
  for (let i = 0; i < 600; i++) hub.receive(1, encodeDerp({ kind: 'ping', data: new Uint8Array(8) }), 0)
  expect(closes()).toEqual(['1 stalled'])
})

test('no stream of a client makes the hub throw, nor leaves a trace of it', () => {
  const frame = fc.tuple(fc.nat(0x20), fc.uint8Array({ maxLength: 80 })).map(([type, body]) => encodeRawFrame(type, body))
  fc.assert(
    fc.property(fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 60 })), { maxLength: 20 }), fc.boolean(), (chunks, greeted) => {
      const { hub, hello, closes } = start()
      if (greeted) hello(1, 1)
      else hub.connect(1, 0)
      for (const chunk of chunks) hub.receive(1, chunk, 0)
      hub.closed(1)
      closes()
      expect(hub.stats()).toMatchObject({ connections: 0, clients: 0 })
      expect(hub.nextCommand()).toBeUndefined()
    }),
    { numRuns: 50 },
  )
})
