import { expect, test } from 'vitest'
import type { RelayRow } from '../../server/trpc/types.ts'
import { visibleRelays, withSample } from './relays-model.ts'

const relay = (id: number, name: string, rates: Pick<RelayRow, 'rateIn' | 'rateOut'>): RelayRow => ({
  id, name, ...rates, kind: 'agent', tags: [], approved: true, advertised: true, state: 'relaying', stateText: '', port: 40_000, boundPort: 40_000, addresses: [],
  region: '', version: '', sessions: 0, dropsLastHour: 0, packetsLastHour: 0, sparkline: [], online: true, offlineSince: null, lastSeen: null, client: null,
})

test('the busiest relay is the one that forwards most, not the one that is sent most', () => {
  const rows = [relay(1, 'flooded', { rateIn: 510, rateOut: 0 }), relay(2, 'quay-2', { rateIn: 5, rateOut: 5 }), relay(3, 'lock-1', { rateIn: 72, rateOut: 72 }), relay(4, 'new', { rateIn: null, rateOut: null })]
  expect(visibleRelays(rows, 'all', '').map(({ name }) => name)).toEqual(['lock-1', 'quay-2', 'flooded', 'new'])
})

test('a second’s figures replace those of a relay that is up, and of no other', () => {
  const figures = { id: 1, bitsIn: 510, bitsOut: 72, packetsIn: 9, packetsOut: 1, cpu: 0, sessions: 12, endpoints: 12, dropsPerSecond: 8 }
  const sample = { at: 1, relays: [figures, { ...figures, id: 2 }], sessions: [], derpBits: 0 }
  const off: RelayRow = { ...relay(2, 'off', { rateIn: null, rateOut: null }), state: 'off' }
  expect(withSample([relay(1, 'lock-1', { rateIn: null, rateOut: null }), off], sample)).toMatchObject([{ rateIn: 510, rateOut: 72, sessions: 12 }, { rateIn: null, rateOut: null }])
})
