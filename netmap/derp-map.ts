import type { DerpMapWire, DerpNodeWire, DerpRegionWire } from '../protocol/tailcfg/index.ts'
import type { DerpNode, DerpRegion } from './model.ts'

/** What stands for the usual ports on the wire is 0; a node that answers no STUN says -1 (spec/coordination.md §6.2). */
const usualDerpPort = 443
const usualStunPort = 3478

/** The regions as stock clients are told of them: these and no others. */
export function derpMap(regions: readonly DerpRegion[]): DerpMapWire {
  return { Regions: Object.fromEntries(regions.map((region) => [String(region.id), wireRegion(region)])), omitDefaultRegions: true }
}

function wireRegion({ id, code, name, noHome, nodes }: DerpRegion): DerpRegionWire {
  return {
    RegionID: id, RegionCode: code, RegionName: name,
    ...(noHome === undefined ? {} : { NoMeasureNoHome: true }),
    Nodes: nodes.map((node) => wireNode(id, node)),
  }
}

function wireNode(regionId: number, { name, host, ipv4, ipv6, derpPort, stunPort, stunOnly, canPort80, certName, pins }: DerpNode): DerpNodeWire {
  // A client takes one pin: that of the certificate in use. The next one's comes with the map that says that it is in use.
  const cert = pins[0] ?? certName
  return {
    Name: name, RegionID: regionId, HostName: host,
    ...(cert === undefined ? {} : { CertName: cert }),
    ...(ipv4 === undefined ? {} : { IPv4: ipv4 }),
    ...(ipv6 === undefined ? {} : { IPv6: ipv6 }),
    ...(stunPort === usualStunPort ? {} : { STUNPort: stunPort === 0 ? -1 : stunPort }),
    ...(stunOnly === undefined ? {} : { STUNOnly: true }),
    ...(derpPort === usualDerpPort ? {} : { DERPPort: derpPort }),
    ...(canPort80 === undefined ? {} : { CanPort80: true }),
  }
}
