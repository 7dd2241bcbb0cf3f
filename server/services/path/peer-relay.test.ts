import { describe, expect, test } from 'vitest'
import { parsePeerRelay, relayOfPath, type KnownRelay } from './peer-relay.ts'

test.each([
  ['198.51.100.10:40000:vni:1', { address: '198.51.100.10:40000', vni: 1 }],
  ['[2001:DB8::1]:40000:vni:16777215', { address: '[2001:db8::1]:40000', vni: 16_777_215 }],
  ['198.51.100.10:40000', undefined],
  ['198.51.100.10:40000:vni:0', undefined],
  ['198.51.100.10:40000:vni:16777216', undefined],
  ['198.51.100.10:99999:vni:1', undefined],
  ['nonsense:vni:1', undefined],
])('%s', (text, path) => {
  expect(parsePeerRelay(text)).toEqual(path)
})

const relay = (id: number, addresses: readonly string[], vnis: readonly number[] = []): KnownRelay => ({ id, name: `lock-${id}`, addresses, vnis })
const path = { address: '10.0.0.5:40000', vni: 7 }

describe('the relay of a path', () => {
  test.each<[string, readonly KnownRelay[], number | undefined]>([
    ['is reached there', [relay(1, ['10.0.0.5:40000']), relay(2, ['10.0.0.6:40000'])], 1],
    ['of two in networks that number alike carries the pair', [relay(1, ['10.0.0.5:40000'], [3]), relay(2, ['10.0.0.5:40000'], [7])], 2],
    ['of two alike that carry it is not known', [relay(1, ['10.0.0.5:40000']), relay(2, ['10.0.0.5:40000'])], undefined],
    ['behind a forwarded port is told by its session', [relay(1, ['192.168.1.2:40000'], [7]), relay(2, [], [8])], 1],
    ['that is reached elsewhere and carries nothing is not it', [relay(1, ['10.0.0.5:40001'])], undefined],
  ])('%s', (_, relays, id) => {
    expect(relayOfPath(path, relays)?.id).toBe(id)
  })
})
