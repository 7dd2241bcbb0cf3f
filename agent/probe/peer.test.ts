import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from '../../lib/bytes.ts'
import { encodeDisco, keyPairFrom, sealDisco, sharedKey, type DiscoMessage } from '../../protocol/disco/index.ts'
import { encodeGeneve, protocolDisco } from '../../protocol/geneve/index.ts'
import { formatKey } from '../../protocol/keys.ts'
import { seededBytes } from '../../tests/simulation/client.ts'
import { PeerMachine } from './peer.ts'

const own = keyPairFrom(new Uint8Array(32).fill(1))
const otherDisco = keyPairFrom(new Uint8Array(32).fill(2))
const relayDisco = keyPairFrom(new Uint8Array(32).fill(3))
const serverDisco = keyPairFrom(new Uint8Array(32).fill(4))
const key = (n: number) => formatKey('nodekey', new Uint8Array(32).fill(n))
const other = { id: 2, name: 'other', nodeKey: key(2), discoKey: formatKey('discokey', otherDisco.publicKey), endpoints: [] }
const relay = { id: 3, name: 'relay', nodeKey: key(3), discoKey: formatKey('discokey', relayDisco.publicKey), endpoints: [] }
const at = { ip: '192.0.2.9', port: 40_000 }
const endpoint = {
  serverDisco: serverDisco.publicKey, clientDisco: [own.publicKey, otherDisco.publicKey], lamportId: 1n, vni: 5, bindLifetimeNs: 1n, steadyStateLifetimeNs: 1n, addrPorts: [at],
} as const

function start(): PeerMachine {
  const machine = new PeerMachine({ nodeKey: new Uint8Array(32).fill(9), disco: own, random: seededBytes(5), direct: true })
  machine.setOther(other)
  machine.setRelays([relay])
  return machine
}

function seal(from: { privateKey: Uint8Array; publicKey: Uint8Array }, message: DiscoMessage): Uint8Array {
  return sealDisco(from.publicKey, sharedKey(from.privateKey, own.publicKey) ?? new Uint8Array(32), new Uint8Array(24), encodeDisco(message))
}

const control = (message: DiscoMessage, vni = 5): Uint8Array => concatBytes(encodeGeneve({ vni, control: true, protocol: protocolDisco }), seal(serverDisco, message))

test('only the other end may call, and only for a session of the two', () => {
  const machine = start()
  const via = { type: 'call-me-maybe-via', endpoint } as const
  expect(machine.handleDerp(key(7), seal(otherDisco, via), 0)).toEqual([])
  expect(machine.handleDerp(key(2), seal(relayDisco, via), 0)).toEqual([])
  expect(machine.handleDerp(key(2), seal(otherDisco, { ...via, endpoint: { ...endpoint, clientDisco: [own.publicKey, relayDisco.publicKey] } }), 0)).toEqual([])
  expect(machine.handleDerp(key(2), seal(otherDisco, via), 0)).toMatchObject([{ type: 'udp', to: at }])
  expect(machine.drops).toMatchObject({ stranger: 2, unexpected: 1 })
})

test('an answer that was not asked for is not followed', () => {
  const machine = start()
  expect(machine.handleDerp(key(3), seal(relayDisco, { type: 'allocate-response', generation: 1, endpoint }), 0)).toEqual([])
  expect(machine.drops.unexpected).toBe(1)
})

test('answers a challenge of its own generation once, whoever else asks', () => {
  const machine = start()
  machine.handleDerp(key(2), seal(otherDisco, { type: 'call-me-maybe-via', endpoint }), 0)
  const generation = new DataView(seededBytes(5)(4).buffer).getUint32(0)
  const challenge = { type: 'bind-challenge', vni: 5, generation, remoteDisco: otherDisco.publicKey, challenge: new Uint8Array(32).fill(8) } as const
  expect(machine.handleDatagram(at, control({ ...challenge, generation: generation + 1 }), 1)).toEqual([])
  expect(machine.handleDatagram(at, control(challenge, 6), 1)).toEqual([])
  const answered = machine.handleDatagram(at, control(challenge), 1)
  expect(answered.map((command) => command.type)).toEqual(['udp', 'udp'])
  expect(machine.handleDatagram({ ...at, port: 1 }, control(challenge), 1)).toEqual([])
})

test('no datagram and no DERP packet makes it throw', () => {
  const messages: DiscoMessage[] = [
    { type: 'ping', txId: new Uint8Array(12), padding: 3 },
    { type: 'pong', txId: new Uint8Array(12), src: at },
    { type: 'call-me-maybe', addrPorts: [at, at] },
    { type: 'call-me-maybe-via', endpoint },
    { type: 'allocate-response', generation: 1, endpoint },
    { type: 'bind-challenge', vni: 5, generation: 1, remoteDisco: otherDisco.publicKey, challenge: new Uint8Array(32) },
  ]
  const sealed = fc.tuple(fc.constantFrom(otherDisco, relayDisco, serverDisco), fc.constantFrom(...messages)).map(([from, message]) => seal(from, message))
  const header = fc.tuple(fc.nat(7), fc.boolean()).map(([vni, isControl]) => encodeGeneve({ vni, control: isControl, protocol: protocolDisco }))
  const packet = fc.oneof(fc.uint8Array({ maxLength: 200 }), sealed, fc.tuple(header, sealed).map((parts) => concatBytes(...parts)))
  const step = fc.tuple(fc.boolean(), fc.constantFrom(2, 3, 7), packet)
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const machine = start()
    let sent = 0
    for (const [i, [overDerp, from, bytes]] of steps.entries()) {
      const commands = overDerp ? machine.handleDerp(key(from), bytes, i * 500) : machine.handleDatagram(at, bytes, i * 500)
      sent += commands.filter(({ type }) => type !== 'data').length
      machine.tick(i * 500)
    }
    // Nothing that comes in is answered by more than a few packets.
    expect(sent).toBeLessThanOrEqual(4 * steps.length)
  }), { numRuns: 300 })
})
