import { expect, test } from 'vitest'
import type { EndStats, ProbePair } from '../../agent/probe/index.ts'
import { createSampler } from './rows.ts'
import { seededKeyBytes } from './seed.ts'
import { summarise, summaryText } from './summary.ts'
import { tableText } from './table.ts'

const traffic = { sent: 0, bytesSent: 0, received: 0, bytesReceived: 0, duplicates: 0, missing: 0, rttMs: undefined }
const relay = { name: undefined, vni: 3, address: { ip: '2001:db8::1', port: 40_000 } }

function pairOf(a: Partial<EndStats>, b: Partial<EndStats>): ProbePair {
  const end = (name: string, changes: Partial<EndStats>): EndStats => ({ name, state: 'sending', path: { kind: 'derp' }, traffic, lost: 0, spans: [], ...changes })
  return { start: () => Promise.resolve(), stop: () => Promise.resolve(), stats: () => [end('sim-a1', a), end('sim-b1', b)] }
}

test('a table with the path, and rates of the time between two looks', () => {
  const ends = { a: { path: { kind: 'relay', rttMs: 1.234, address: relay.address, relay: { ...relay, name: 'office' } } } as const, b: { path: { kind: 'relay', address: relay.address, relay } } as const }
  let bytes = 0
  const sampler = createSampler([{ ...pairOf({}, {}), stats: () => pairOf({ ...ends.a, traffic: { ...traffic, bytesSent: bytes, sent: bytes / 1000 } }, ends.b).stats() }])
  sampler.rows(0)
  bytes = 250_000
  const rows = sampler.rows(2000)
  expect(rows[0]).toMatchObject([
    { name: 'sim-a1', path: 'relay', relay: 'office', vni: 3, address: '[2001:db8::1]:40000', rttMs: 1.23, echoMs: null, bitsOut: 1_000_000, bitsIn: 0, sent: 250 },
    { name: 'sim-b1', relay: 'office', bitsOut: 0 },
  ])
  expect(tableText(rows)).toBe([
    'peer    path                   rtt  echo          out          in  lost  sent',
    'sim-a1  relay office VNI 3  1.2 ms     –  1.00 Mbit/s  0.0 kbit/s     0   250',
    'sim-b1  relay office VNI 3       –     –   0.0 kbit/s  0.0 kbit/s     0     0',
  ].join('\n'))
})

test('the closing summary: lost is what one end sent and the other never got', () => {
  const spans = [{ path: { kind: 'derp' }, from: 0, lost: 0 }, { path: { kind: 'relay', address: relay.address, relay }, from: 2000, lost: 1 }] as const
  const pair = pairOf({ traffic: { ...traffic, sent: 10, received: 19 }, spans }, { traffic: { ...traffic, sent: 20, received: 10 } })
  const summary = summarise([pair], 0, 5000)
  expect(summary).toMatchObject({ seconds: 5, sent: 30, lost: 1 })
  expect(summaryText(summary)).toBe([
    '5 s, 30 packets sent, 1 lost (3.333 %)',
    '  sim-a1: 19 received, 1 lost; derp 2 s, relay VNI 3 3 s (1 lost)',
    '  sim-b1: 10 received, 0 lost',
  ].join('\n'))
})

test('a seed gives the same keys, another seed others', () => {
  expect(seededKeyBytes(1)(40)).toEqual(seededKeyBytes(1)(40))
  expect(seededKeyBytes(1)(32)).not.toEqual(seededKeyBytes(2)(32))
  const bytes = seededKeyBytes(1)
  expect(bytes(32)).not.toEqual(bytes(32))
})
