import fc from 'fast-check'

/** What stock clients send, and what somebody who is none might: for tests of the coordination server. */

const zeroKey = (kind: string): string => `${kind}:${'0'.repeat(64)}`
const key = (kind: string): string => `${kind}:${'5a'.repeat(32)}`

const hostinfo = {
  IPNVersion: '1.102.3-t0123-g4567', BackendLogID: 'c0ffee', OS: 'linux', OSVersion: '6.1', Container: false, Env: '', Distro: 'debian', DistroVersion: '12', DistroCodeName: 'bookworm',
  App: '', Desktop: null, Package: 'deb', DeviceModel: '', Hostname: 'laptop', ShieldsUp: false, NoLogsNoSupport: false, AllowsUpdate: true, Machine: 'x86_64', GoArch: 'amd64',
  GoArchVar: 'v1', GoVersion: 'go1.25', RoutableIPs: ['10.1.0.0/16', '0.0.0.0/0'], RequestTags: ['tag:relay'], Services: [{ Proto: 'peerapi4', Port: 41_112 }, { Proto: 'tcp', Port: 22, Description: 'sshd' }],
  NetInfo: {
    MappingVariesByDestIP: true, HairPinning: null, WorkingIPv6: false, OSHasIPv6: true, WorkingUDP: true, WorkingICMPv4: false, HavePortMap: false, UPnP: null, PreferredDERP: 900,
    DERPLatency: { '900-v4': 0.01, '900-v6': 0.02 }, FirewallMode: 'nft-default',
  },
  sshHostKeys: ['ssh-ed25519 AAAA'], Userspace: false, UserspaceRouter: false, AppConnector: false, PeerRelay: true, RemoteConfig: true, ExitNodeID: '', StateEncrypted: false,
}

export const registerRequest = {
  Version: 142, NodeKey: key('nodekey'), OldNodeKey: zeroKey('nodekey'), NLKey: zeroKey('nlpub'), Auth: { AuthKey: 'tskey-auth-none' }, Expiry: '0001-01-01T00:00:00Z', Followup: '',
  Hostinfo: hostinfo, Ephemeral: false, NodeKeySignature: null, SignatureType: 'signature-none', Timestamp: '2026-01-05T00:00:00.123456789Z', Tailnet: '',
}

export const mapRequest = {
  Version: 142, Compress: 'zstd', KeepAlive: true, NodeKey: key('nodekey'), DiscoKey: key('discokey'), Hostinfo: hostinfo, Endpoints: ['192.0.2.1:41641', '[2001:db8::1]:41641'],
  EndpointTypes: [2, 1], Stream: false, OmitPeers: true, ReadOnly: false, DebugFlags: ['warn-ip-forwarding-off'], TKAHead: '', MapSessionHandle: '', MapSessionSeq: 0,
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Path = readonly (string | number)[]

/** Every place in a value, the whole of it too. */
function placesOf(value: Json, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([name, member]) => placesOf(member, [...at, name]))]
}

function withAt(value: Json, [name, ...rest]: Path, put: Json): Json {
  if (name === undefined || typeof value !== 'object' || value === null) return put
  const entries = Object.entries(value).map(([each, member]): [string, Json] => [each, each === String(name) ? withAt(member, rest, put) : member])
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries)
}

/** Of every type, and each of them at its worst. */
const nasty: readonly Json[] = [
  null, true, false, 0, -0, -1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 65_535, 65_536, '', ' ', '0', 'null', '\u0000', 'a\u0000b', '\u001b[2J', '\ud800', '\udc00\ud800', '\u202e', '🛶'.repeat(300),
  'a'.repeat(1024), 'a'.repeat(1025), 'nodekey:', `nodekey:${'g'.repeat(64)}`, `nodekey:${'A'.repeat(64)}`, `NODEKEY:${'5a'.repeat(32)}`, zeroKey('nodekey'), zeroKey('discokey'), zeroKey('mkey'),
  'tag:', 'tag:relay', 'tag:Ä', '%00', '../../etc/passwd', '"; DROP TABLE "Node"; --', '{{7*7}}', '1.2.3.4', '1.2.3.4:0', '1.2.3.4:65536', '[::1%eth0]:1', '0.0.0.0/0', '::/129', '10.1.0.0/33',
  '0001-01-01T00:00:00Z', '0000-00-00T00:00:00Z', '1970-01-01T00:02:03Z', '9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', '294277-01-01T00:00:00Z', 'required:other',
  [], [null], [[[[[]]]]], [''], Array.from({ length: 300 }, () => '10.0.0.0/8'), Array.from({ length: 300 }, () => 1), {}, { '': '' }, { AuthKey: '\u0000' }, { AuthKey: 'tskey-auth-\ud800' }, { AuthKey: ['a'] },
  { Hostname: '\ud800', OS: '\u0000' }, { NetInfo: { DERPLatency: { '\ud800': 1, '\u0000': 2 }, PreferredDERP: 1e9 } }, { Services: [{ Proto: '\udfff', Port: 1 }] }, JSON.parse('{"__proto__": {"polluted": true}}'),
  { constructor: { prototype: { polluted: true } } }, { toString: 'x', valueOf: 1, length: -1 },
]

/** A request with one to three of its places changed. */
export function mutated(valid: Json): fc.Arbitrary<Json> {
  const places = placesOf(valid)
  const change = fc.tuple(fc.constantFrom(...places), fc.oneof(fc.constantFrom(...nasty), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string({ unit: 'binary', maxLength: 40 })))
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => changes.reduce<Json>((value, [place, put]) => withAt(value, place, put), valid))
}
