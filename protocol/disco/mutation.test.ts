import { expect, test } from 'vitest'
import { classify, decodeGeneve, encodeGeneve, protocolDisco } from '../geneve/index.ts'
import { generator, mutations } from '../testing.ts'
import { decodeDisco, encodeDisco, looksLikeDisco, openDisco, type DiscoMessage } from './index.ts'

const endpoint = {
  serverDisco: new Uint8Array(32), clientDisco: [new Uint8Array(32), new Uint8Array(32)] as const, lamportId: 1n, vni: 1,
  bindLifetimeNs: 1n, steadyStateLifetimeNs: 1n, addrPorts: [{ ip: '192.0.2.1', port: 1 }],
}
const bind = { vni: 1, generation: 1, remoteDisco: new Uint8Array(32), challenge: new Uint8Array(32) }
const seeds: DiscoMessage[] = [
  { type: 'ping', txId: new Uint8Array(12), nodeKey: new Uint8Array(32), padding: 3 },
  { type: 'pong', txId: new Uint8Array(12), src: { ip: '2001:db8::1', port: 9 } },
  { type: 'call-me-maybe', addrPorts: [{ ip: '192.0.2.1', port: 1 }] },
  { type: 'bind', ...bind },
  { type: 'bind-challenge', ...bind },
  { type: 'bind-answer', ...bind },
  { type: 'call-me-maybe-via', endpoint },
  { type: 'allocate-request', clientDisco: endpoint.clientDisco, generation: 1 },
  { type: 'allocate-response', generation: 1, endpoint },
]

test('a million random and mutated inputs: a value or a reason, never an exception', () => {
  const next = mutations([...seeds.map(encodeDisco), encodeGeneve({ vni: 1, control: true, protocol: protocolDisco })], generator(0x70a7))
  const shared = new Uint8Array(32)
  let read = 0
  for (let i = 0; i < 1_000_000; i++) {
    const input = next()
    if (decodeDisco(input).ok) read++
    if (decodeGeneve(input).ok && classify(input) === 'short') throw new Error('a short header was read')
    // Opening costs a cipher: only a share of the inputs is also tried as an outer form.
    if (looksLikeDisco(input) || i % 500 === 0) openDisco(shared, input)
  }
  expect(read).toBeGreaterThan(300_000)
}, 60_000)
