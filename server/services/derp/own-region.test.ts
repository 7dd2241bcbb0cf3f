import { expect, test } from 'vitest'
import { ownRegion, type OwnServer } from './own-region.ts'

const server: OwnServer = { host: 'relay.example.com', derpPort: 3443, stunPort: 3478, pins: ['sha256-raw:00'], ipv6: true, port80: false }

test.each<[string, Partial<OwnServer>, object]>([
  ['a name with IPv6 is looked up', {}, { host: 'relay.example.com' }],
  ['a name on a machine without IPv6 is looked up for IPv4', { ipv6: false }, { host: 'relay.example.com', ipv6: 'none' }],
  ['an IPv4 address is all there is', { host: '192.0.2.1' }, { host: '192.0.2.1', ipv4: '192.0.2.1', ipv6: 'none' }],
  ['port 80 is said where it is served', { port80: true }, { host: 'relay.example.com', canPort80: true }],
  ['an IPv6 address too', { host: '2001:db8::1' }, { host: '2001:db8::1', ipv4: 'none', ipv6: '2001:db8::1' }],
])('%s', (_what, part, addresses) => {
  expect(ownRegion({ ...server, ...part }, { code: 'home', name: 'Home' })).toEqual({
    id: 900, code: 'home', name: 'Home', nodes: [{ name: '900a', ...addresses, derpPort: 3443, stunPort: 3478, pins: ['sha256-raw:00'] }],
  })
})
