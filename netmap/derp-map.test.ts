import { expect, test } from 'vitest'
import { derpMapSchema } from '../protocol/tailcfg/index.ts'
import { derpMap } from './derp-map.ts'
import type { DerpNode, DerpRegion } from './model.ts'

const pin = (digit: string): string => `sha256-raw:${digit.repeat(64)}`
const node: DerpNode = { name: '900a', host: '203.0.113.5', ipv4: '203.0.113.5', ipv6: 'none', derpPort: 3443, stunPort: 3478, pins: [pin('a'), pin('b')] }
const own: DerpRegion = { id: 900, code: 'home', name: 'Home', nodes: [node] }

test('our own region: the pin in use alone, and only it', () => {
  expect(derpMap([own])).toEqual({
    Regions: {
      900: {
        RegionID: 900, RegionCode: 'home', RegionName: 'Home',
        Nodes: [{ Name: '900a', RegionID: 900, HostName: '203.0.113.5', CertName: pin('a'), IPv4: '203.0.113.5', IPv6: 'none', DERPPort: 3443 }],
      },
    },
    omitDefaultRegions: true,
  })
})

test('no regions are an empty map, never null', () => {
  expect(derpMap([])).toEqual({ Regions: {}, omitDefaultRegions: true })
})

const wire = { Name: '900a', RegionID: 900, HostName: '203.0.113.5', CertName: pin('a'), IPv4: '203.0.113.5', IPv6: 'none' }

test.each<[string, Partial<DerpNode>, object]>([
  ['usual ports go unsaid', { derpPort: 443, stunPort: 3478 }, wire],
  ['other ports are said', { derpPort: 8443, stunPort: 3479 }, { ...wire, DERPPort: 8443, STUNPort: 3479 }],
  ['no STUN is -1, not 0, which would be the usual port', { derpPort: 443, stunPort: 0 }, { ...wire, STUNPort: -1 }],
  ['another name that its certificate is for', { derpPort: 443, pins: [], certName: 'derp.example.com' }, { ...wire, CertName: 'derp.example.com' }],
  ['STUN only, and port 80', { derpPort: 443, stunOnly: true, canPort80: true }, { ...wire, STUNOnly: true, CanPort80: true }],
])('%s', (_what, part, expected) => {
  expect(derpMap([{ ...own, nodes: [{ ...node, ...part }] }]).Regions['900']?.Nodes).toEqual([expected])
})

test('without a pin the authorities decide, by the host’s name', () => {
  expect(derpMap([{ ...own, nodes: [{ ...node, pins: [] }] }]).Regions['900']?.Nodes[0]).not.toHaveProperty('CertName')
})

test('what is made is what the schema of the wire says, several nodes and regions included', () => {
  const made = derpMap([own, { id: 901, code: 'far', name: 'Far', noHome: true, nodes: [{ ...node, name: '901a' }, { ...node, name: '901b', stunPort: 0 }] }])
  expect(derpMapSchema.parse(made)).toEqual(made)
  expect(made.Regions['901']).toMatchObject({ NoMeasureNoHome: true, Nodes: [{ Name: '901a', RegionID: 901 }, { Name: '901b', RegionID: 901 }] })
  expect(JSON.stringify(made)).not.toMatch(/null|InsecureForTests/)
})
