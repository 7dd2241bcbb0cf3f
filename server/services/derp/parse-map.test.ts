import fc from 'fast-check'
import { expect, test } from 'vitest'
import { derpMap, type DerpRegion } from '../../../netmap/index.ts'
import { readHost } from './host.ts'
import { parseDerpMap } from './parse-map.ts'

const pin = `sha256-raw:${'0a'.repeat(32)}`
const node = { Name: 'x', RegionID: 5, HostName: 'derp.example.com' }
const region = { RegionID: 5, RegionCode: 'ams', RegionName: 'Amsterdam', Nodes: [node] }
const read = (value: unknown) => parseDerpMap({ Regions: { 5: value } })

test('a region with what its servers say, its names given anew', () => {
  expect(parseDerpMap({
    Regions: { 7: null, 5: { ...region, Latitude: 52.3, Nodes: [
      { ...node, IPv4: '192.0.2.1', IPv6: 'none', CertName: pin, DERPPort: 8443, STUNPort: -1, CanPort80: true, InsecureForTests: true },
      { ...node, HostName: 'B.example.com.', CertName: 'c.example.com', STUNPort: 3479, STUNOnly: true },
    ] } },
  })).toEqual({ ok: true, value: { leftOut: [], regions: [{ id: 5, code: 'ams', name: 'Amsterdam', nodes: [
    { name: '5a', host: 'derp.example.com', ipv4: '192.0.2.1', ipv6: 'none', derpPort: 8443, stunPort: 0, canPort80: true, pins: [pin] },
    { name: '5b', host: 'b.example.com', derpPort: 443, stunPort: 3479, stunOnly: true, certName: 'c.example.com', pins: [] },
  ] }] } })
})

test.each<[string, unknown, string]>([
  ['another id than its key', { ...region, RegionID: 6 }, 'region 5: its RegionID is 6'],
  ['an id beyond what a client can hold', { ...region, RegionID: 65_536 }, 'RegionID'],
  ['no servers', { ...region, Nodes: [] }, 'no server that can be used'],
  ['servers that are null', { ...region, Nodes: null }, 'no server that can be used'],
  ['a host that is none', { ...region, Nodes: [{ ...node, HostName: 'a b' }] }, 'server 1: HostName "a b" is no host name'],
  ['an address that is none', { ...region, Nodes: [{ ...node, IPv4: '2001:db8::1' }] }, 'server 1: IPv4 is no IPv4 address'],
  ['half a pin', { ...region, Nodes: [{ ...node, CertName: 'sha256-raw:00' }] }, 'server 1: CertName is neither'],
  ['a port that is none', { ...region, Nodes: [{ ...node, DERPPort: 70_000 }] }, 'server 1: DERPPort'],
])('%s is not used, and said', (_what, value, text) => {
  const result = read(value)
  expect(result.ok ? '' : result.reason).toContain(text)
})

test('what is good of a map is used; what is not is named, and not more of it than a person reads', () => {
  const bad = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [String(100 + i), { RegionID: 1 }]))
  const result = parseDerpMap({ Regions: { ...bad, 5: region } })
  expect(result).toMatchObject({ ok: true, value: { regions: [{ id: 5 }] } })
  expect(result.ok ? result.value.leftOut : []).toHaveLength(20)
  expect(result.ok ? result.value.leftOut.at(-1) : '').toBe('and 11 more')
})

test('a home that its owner asks to avoid is nobody’s home', () => {
  expect(read({ ...region, Avoid: true })).toMatchObject({ value: { regions: [{ noHome: true }] } })
})

test.each([undefined, null, 1, 'x', [], {}, { Regions: [] }, { Regions: null }, { Regions: {} }])('%j is no map', (value) => {
  expect(parseDerpMap(value).ok).toBe(false)
})

test('more regions than are taken: the first by id', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [String(i + 1), { ...region, RegionID: i + 1 }]))
  const result = parseDerpMap({ Regions: many })
  expect(result.ok && result.value.regions.length).toBe(256)
})

test('whatever JSON comes, it is read or refused; what is told to clients reads back as the same', () => {
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue()).map((Regions) => ({ Regions }))), (value) => {
    const result = parseDerpMap(value)
    expect(result.ok || result.reason.length > 0).toBe(true)
  }))
  const host = fc.constantFrom('derp.example.com', '192.0.2.7', '2001:db8::7')
  const derpNode = fc.record({
    host, derpPort: fc.integer({ min: 1, max: 65_535 }), stunPort: fc.integer({ min: 0, max: 65_535 }), pins: fc.constantFrom<string[]>([], [pin]),
  })
  fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 20 }), fc.array(derpNode, { minLength: 1, maxLength: 16 }), (ids, nodes) => {
    const regions = ids.toSorted((a, b) => a - b).map((id): DerpRegion => {
      const [first, ...rest] = nodes.map((one, at) => ({ name: `${id}${String.fromCharCode(0x61 + at)}`, ...one }))
      if (first === undefined) throw new Error('no node')
      return { id, code: `c${id}`, name: `Region ${id}`, nodes: [first, ...rest] }
    })
    expect(parseDerpMap(derpMap(regions))).toEqual({ ok: true, value: { regions, leftOut: [] } })
  }))
})

test.each([
  ['Derp.Example.com.', 'derp.example.com'], ['[2001:db8::1]', '2001:db8::1'], ['192.0.2.1', '192.0.2.1'], ['localhost', 'localhost'],
  ['', undefined], ['a b', undefined], ['a..b', undefined], ['192.0.2', undefined], ['-a.example', undefined], ['fe80::1%eth0', undefined], ['http://a', undefined], [`${'a.'.repeat(127)}a`, undefined],
])('host %j: %j', (text, host) => {
  expect(readHost(text)).toBe(host)
})
