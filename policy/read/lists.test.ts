import { describe, expect, test } from 'vitest'
import { formatRange } from '../address.ts'
import { parsePolicy } from '../parse.ts'
import { placedProblems } from './placed-problems.ts'

/** Each line alone: accepted, or refused or warned of with this one problem. */
function holds(cases: readonly (readonly [text: string, problem?: string])[]): void {
  test.each(cases.map(([text, problem]) => ({ text, problem })))('$text: $problem', ({ text, problem }) => {
    const found = placedProblems(text).map((line) => (problem !== undefined && line.includes(problem) ? problem : line))
    expect(found).toEqual(problem === undefined ? [] : [problem])
    expect(parsePolicy(text).ok).toBe(problem?.includes(' error ') !== true)
  })
}

describe('groups, tagOwners, hosts (spec/policy.md §3.1, §11)', () => {
  holds([
    ['{"groups": {"group:a": [], "group:A": ["ann@example.com", "ann@example.com", "local@", "nobody@example.com"]}}'],
    ['{"groups": {"group:a": ["tag:x"]}, "tagOwners": {"tag:x": []}}', '1:25 error not-allowed-here "tag:x" cannot be in a group'],
    ['{"groups": {"group:a": ["group:b"], "group:b": []}}', '1:25 error not-allowed-here "group:b": a group cannot be in a group'],
    ['{"groups": {"group:a": ["autogroup:member"]}}', '1:25 error not-allowed-here "autogroup:member" cannot be in a group'],
    ['{"groups": {"group:a": "ann@example.com"}}', '1:24 error wrong-type "group:a" must be a list.'],
    ['{"groups": {"group:": []}}', '1:13 error invalid-name "group:" must start with "group:" and a name.'],
    ['{"groups": {"a": []}}', '1:13 error invalid-name "a" must start with "group:"'],
    ['{"groups": {"group:a": [], "group:a": []}}', '1:28 error duplicate-key The key "group:a" occurs twice'],
    ['{"groups": []}', '1:12 error wrong-type "groups" must be an object.'],
    ['{"tagOwners": {"tag:a": ["autogroup:member", "autogroup:admin", "tag:b", "group:g", "x@y"], "tag:b": ["tag:a"]}, "groups": {"group:g": []}}'],
    ['{"tagOwners": {"tag:a": ["autogroup:tagged"]}}', '1:26 error not-allowed-here "autogroup:tagged" cannot own a tag'],
    ['{"tagOwners": {"tag:a": ["*"]}}', '1:26 error not-allowed-here "*" cannot own a tag'],
    ['{"tagOwners": {"tag:a": ["tag:b"]}}', '1:26 error unknown-tag The tag "tag:b" is not defined'],
    ['{"tagOwners": {"tag:-": []}}', '1:16 error invalid-name "tag:-" must be "tag:", a letter'],
    ['{"hosts": {"nas": " 10.0.0.1 ", "lan": "2001:db8::/32"}}'],
    ['{"hosts": {"nas": "10.0.0.1-10.0.0.3"}}', '1:19 error invalid-value "10.0.0.1-10.0.0.3" is not an address'],
    ['{"hosts": {"nas": ["10.0.0.1"]}}', '1:19 error wrong-type The host "nas" must be a string.'],
    ['{"hosts": {"n:s": "10.0.0.1"}}', '1:12 error invalid-name "n:s" cannot name a host'],
    ['{"hosts": {"10.0.0.1": "10.0.0.1"}}', '1:12 error invalid-name "10.0.0.1" cannot name a host'],
  ])
})

describe('ipsets (spec/policy.md §3.1)', () => {
  holds([
    ['{"ipsets": {"ipset:a": []}}'],
    ['{"ipsets": {"ipset:a": ["add 10.0.0.1", "group:x"]}}', '1:41 error not-allowed-here "group:x" cannot be in an IP set'],
    ['{"ipsets": {"ipset:a": ["add autogroup:member"]}}', '1:25 error not-allowed-here "autogroup:member" cannot be in an IP set'],
    ['{"ipsets": {"ipset:a": ["add *"]}}', '1:25 error not-allowed-here "*" cannot be in an IP set'],
    ['{"ipsets": {"ipset:a": ["10.0.0.0/8", "remove 10.0.0.1"]}}', '1:25 error invalid-value "10.0.0.0/8": beside "remove", an entry says "add" or "remove".'],
    ['{"ipsets": {"ipset:a": ["add ipset:a"]}}', '1:25 error circular-ipset "ipset:a" contains itself.'],
    ['{"ipsets": {"ipset:a": ["ipset:b"], "ipset:b": ["ipset:c"], "ipset:c": ["ipset:a"]}}', '1:73 error circular-ipset "ipset:a" contains itself, by way of "ipset:c".'],
    ['{"ipsets": {"ipset:a": ["add host:nos"]}, "hosts": {"nas": "10.0.0.1"}}', '1:25 error unknown-host "nos" is not an address, and not defined in "hosts". Did you mean "nas"?'],
    ['{"ipsets": {"ipset:a": ["ipset:b"]}}', '1:25 error unknown-ipset The IP set "ipset:b" is not defined'],
    ['{"ipsets": {"a": []}}', '1:13 error invalid-name "a" must start with "ipset:" and a name.'],
  ])

  test('entries are done in order, and sets may be used before they are written', () => {
    const { policy } = parsePolicy(`{"hosts": {"nas": "10.0.0.9"}, "ipsets": {
      "ipset:net": ["add ipset:lan", "remove 10.0.0.64-10.0.0.127", "remove host:nas", "add 10.0.0.100", "add 10.0.0.101"],
      "ipset:lan": ["10.0.0.0/24"], "ipset:late": ["add 10.0.0.1", "remove 10.0.0.0/8"], "ipset:out": ["autogroup:internet", "fd00::/8"],
    }}`)
    const ranges = (name: string): string[] => (policy?.ipsets.get(name) ?? []).map(formatRange)
    expect(ranges('ipset:net')).toEqual(['10.0.0.0-10.0.0.8', '10.0.0.10-10.0.0.63', '10.0.0.100/31', '10.0.0.128/25'])
    expect(ranges('ipset:late')).toEqual([])
    expect(ranges('ipset:out').slice(0, 2)).toEqual(['0.0.0.0-9.255.255.255', '11.0.0.0-100.63.255.255'])
    expect(ranges('ipset:out').at(-1)).toBe('fd00::/8')
  })
})

describe('nodeAttrs (spec/policy.md §10)', () => {
  holds([
    ['{"nodeAttrs": [{"target": ["*"], "attr": ["randomize-client-port", "nextdns:abc123", "https://example.com/cap/x?value=4"]}]}'],
    ['{"nodeAttrs": [{"target": [], "attr": []}, {"target": ["autogroup:tagged"]}, {"target": ["100.64.0.1"], "attr": ["a", "a"], "#": 1}]}'],
    ['{"nodeAttrs": []}'],
    ['{"nodeAttrs": [{"attr": ["a"]}]}', '1:16 warning no-effect This entry has no "target": no machine has its attributes.'],
    ['{"nodeAttrs": [{"target": ["*"], "attrs": []}]}', '1:34 error unknown-key Unknown key "attrs" in an entry of "nodeAttrs". Did you mean "attr"?'],
    ['{"nodeAttrs": [{"target": ["*"], "attr": [""]}]}', '1:43 error invalid-attribute An attribute needs a name.'],
    ['{"nodeAttrs": [{"target": ["*"], "attr": [1]}]}', '1:43 error wrong-type Each entry of "attr" must be a string.'],
    ['{"nodeAttrs": [{"target": ["tag:x"], "attr": []}]}', '1:28 error unknown-tag The tag "tag:x" is not defined'],
    ['{"nodeAttrs": [{"target": ["autogroup:self"], "attr": []}]}', '1:28 error not-allowed-here "autogroup:self" cannot be a target'],
    ['{"nodeAttrs": [{"target": ["autogroup:internet"], "attr": []}]}', '1:28 error not-allowed-here'],
    ['{"nodeAttrs": [{"target": ["autogroup:danger-all"], "attr": []}]}', '1:28 error not-allowed-here'],
    ['{"nodeAttrs": [{"target": ["autogroup:shared"], "attr": []}]}', '1:28 error not-allowed-here'],
    ['{"nodeAttrs": [{"target": ["*"], "attr": ["funnel"]}]}', '1:43 warning no-effect "funnel"'],
    ['{"nodeAttrs": [{"target": ["*"], "attr": ["https://tailscale.com/cap/is-admin"]}]}', '1:43 warning no-effect'],
    ['{"nodeAttrs": [{"target": ["*"], "attr": ["https://tailscale.com/cap/is-owner"]}]}', '1:43 warning no-effect'],
    ['{"nodeAttrs": [{"target": ["*"], "attr": ["https://tailscale.com/cap/tailnet-lock"]}]}', '1:43 warning no-effect'],
    ['{"nodeAttrs": [{"target": ["*"], "ipPool": ["100.81.0.0/16"]}]}', '1:44 warning no-effect "ipPool" has no effect here'],
    ['{"nodeAttrs": [{"target": ["*"], "app": {}}]}', '1:34 warning no-effect "app" of an entry'],
  ])

  test.each(['10.0.0.0/8', '100.64.0.0/9', '100.100.0.7/32', '100.100.100.0/30', '100.115.92.0/24', '100.64.0.0/10', 'fd7a:115c:a1e0::/64', 'nas'])(
    'an ipPool of %s is refused', (prefix) => {
      const text = `{"hosts": {"nas": "100.81.0.1"}, "nodeAttrs": [{"target": ["*"], "ipPool": ["${prefix}"]}]}`
      expect(placedProblems(text).filter((problem) => problem.includes(' error '))).toEqual([expect.stringContaining('1:77 error invalid-attribute')])
    },
  )
})

describe('autoApprovers (spec/policy.md §11)', () => {
  holds([
    ['{"tagOwners": {"tag:gw": []}, "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:gw", "ann@example.com"]}, "EXITNODE": ["autogroup:admin"], "relays": ["tag:gw"]}}'],
    // That it approves no exit node is lint's to say.
    ['{"autoApprovers": {"routes": {"0.0.0.0/0": []}}}'],
    ['{"autoApprovers": {"routes": {"10.0.0.1/8": []}}}', '1:31 warning bits-ignored'],
    ['{"autoApprovers": {"routes": {"10.0.0.1": []}}}', '1:31 error invalid-value "10.0.0.1" is not a prefix'],
    ['{"autoApprovers": {"routes": {"10.0.0.0/8": ["*"]}}}', '1:46 error not-allowed-here "*" cannot approve'],
    ['{"autoApprovers": {"exitNode": ["autogroup:tagged"]}}', '1:33 error not-allowed-here "autogroup:tagged" cannot approve'],
    ['{"autoApprovers": {"relays": ["100.64.0.1"]}}', '1:31 error not-allowed-here "100.64.0.1" cannot approve'],
    ['{"autoApprovers": {"services": {}}}', '1:20 warning no-effect "services" has no effect here'],
    ['{"autoApprovers": {"exitNodes": []}}', '1:20 error unknown-key Unknown key "exitNodes" in "autoApprovers". Did you mean "exitNode"?'],
  ])
})

describe('tests in their form (spec/policy.md §12)', () => {
  const names = '"groups": {"group:g": []}, "tagOwners": {"tag:w": []}, "hosts": {"nas": "10.0.0.9", "lan": "10.0.0.0/8"}, "ipsets": {"ipset:a": []}'
  const one = (entry: string): string => `{${names}, "tests": [\n${entry}]}`
  holds([
    [one('{"src": "nobody@example.com", "accept": ["tag:w:22", "nas:443", "100.64.0.1:1", "[fd7a::5]:65535", "fd7a::5:80"], "deny": ["group:g:22", "autogroup:self:22"]}')],
    [one('{"src": "tag:w", "proto": "UDP", "deny": ["nas:1"], "#": 1}, {"src": "tag:w", "proto": "132", "deny": ["nas:1"]}, {"src": "nas", "proto": "", "deny": ["nas:1", "nas:1"]}')],
    [one('{"relay": [{"src": "group:g", "via": "tag:w", "accept": true}, {"src": "nas", "via": "100.64.0.9", "deny": true}]}')],
    [one('{"src": "nas", "deny": ["nas:1"], "srcPostureAttrs": {}}'), '2:35 warning no-effect'],
    [one('{"accept": ["nas:1"]}'), '2:1 error missing-key This test has no "src"'],
    [one('{"src": "", "accept": ["nas:1"]}'), '2:9 error invalid-selector A selector is empty.'],
    [one('{"src": ["nas"], "accept": ["nas:1"]}'), '2:9 error wrong-type "src" of a test must be a string.'],
    [one('{"src": "nos", "accept": ["nas:1"]}'), '2:9 error unknown-host "nos"'],
    [one('{"src": "autogroup:internet", "accept": ["nas:1"]}'), '2:9 error not-allowed-here'],
    [one('{"src": "nas", "accept": [], "deny": []}'), '2:1 error invalid-test This test expects nothing'],
    [one('{"src": "nas", "proto": "icmp", "accept": ["nas:1"]}'), '2:25 error invalid-test "icmp" cannot be tested'],
    ...['*', '22,80', '22-80', '0', '-1', '65536', 'ssh', ''].map((port): [string, string] =>
      [one(`{"src": "nas", "accept": ["nas:${port}"]}`), '2:27 error invalid-test "nas:']),
    [one('{"src": "nas", "accept": ["nas"]}'), '2:27 error invalid-test "nas" has no port'],
    ...['10.0.0.0/8', '10.0.0.1/32', '[fd7a::5]/128', 'lan', '*', 'ipset:a', 'autogroup:internet', '10.0.0.1-10.0.0.2'].map((dst): [string, string] =>
      [one(`{"src": "nas", "accept": ["${dst}:22"]}`), '2:27 error invalid-test']),
    [one('{"src": "nas", "accept": ["tag:x:22"]}'), '2:27 error unknown-tag'],
    [one('{"src": "nas", "accept": ["group:x:22"]}'), '2:27 error unknown-group'],
    [one('{"src": "nas", "accept": ["autogroup:all:22"]}'), '2:27 error unknown-autogroup'],
    [one('{"relay": [{"src": "nas", "via": "tag:w"}]}'), '2:12 error invalid-test A relay test says one of'],
    [one('{"relay": [{"src": "nas", "via": "tag:w", "accept": true, "deny": true}]}'), '2:12 error invalid-test A relay test says one of'],
    [one('{"relay": [{"src": "nas", "via": "tag:w", "accept": false}]}'), '2:53 error invalid-test "accept" can only be true'],
    [one('{"relay": [{"via": "tag:w", "accept": true}]}'), '2:12 error missing-key This relay test has no "src".'],
    [one('{"relay": [{"src": "nas", "accept": true}]}'), '2:12 error missing-key This relay test has no "via".'],
    [one('{"relay": [{"src": "nas", "via": "*", "accept": true}]}'), '2:34 error invalid-test "*" names no machine'],
    [one('{"relay": [{"src": "lan", "via": "tag:w", "accept": true}]}'), '2:20 error invalid-test "lan" names no machine'],
    [one('{"relay": [{"src": "nas", "dst": "tag:w", "via": "tag:w", "accept": true}]}'), '2:27 error unknown-key Unknown key "dst" in a relay test.'],
    [one('{"src": "nas", "deny": ["nas:1"], "relay": {}}'), '2:44 error wrong-type "relay" must be a list.'],
  ])
})

describe('settings and what else stands at the top (spec/policy.md §2)', () => {
  holds([
    ['{"randomizeClientPort": true, "disableIPv4": false, "OneCGNATRoute": "mac-never"}'],
    ['{"onecgnatroute": ""}'],
    ['{"OneCGNATRoute": "linux"}', '1:19 error invalid-value "OneCGNATRoute" can be "mac-always", "mac-never" or "".'],
    ['{"randomizeClientPort": "true"}', '1:25 error wrong-type "randomizeClientPort" must be true or false.'],
    ['{"disableIPv4": 1}', '1:17 error wrong-type "disableIPv4" must be true or false.'],
    ['{"derpMap": {"Regions": {}}}', '1:2 warning no-effect "derpMap" has no effect here'],
    ['{"ssh": [{"action": "accept"}]}', '1:2 warning no-effect "ssh" has no effect here'],
    ['{"sshTests": []}', '1:2 warning no-effect "sshTests" has no effect here'],
    ['{"postures": {"posture:x": []}}', '1:2 warning no-effect "postures" has no effect here'],
    ['{"defaultSrcPosture": ["posture:x"]}', '1:2 error posture "defaultSrcPosture" is refused'],
    ['{"magicDNS": true}', '1:2 error unknown-key "magicDNS" is not set here, but under Settings → DNS.'],
    ['{"extraDNSRecords": []}', '1:2 error unknown-key "extraDNSRecords" is not set here'],
    ['{"services": {}}', '1:2 error unknown-key Unknown key "services" in the policy.'],
    ['{"attrConfig": {}}', '1:2 error unknown-key Unknown key "attrConfig" in the policy.'],
    ['{"__proto__": {}}', '1:2 error unknown-key Unknown key "__proto__" in the policy.'],
    ['{"#": 1}', '1:2 error unknown-key Unknown key "#" in the policy.'],
    ['{"grant": []}', '1:2 error unknown-key Unknown key "grant" in the policy. Did you mean "grants"?'],
  ])

  test('ssh is a list of objects', () => {
    expect(placedProblems('{"ssh": [1]}')[1]).toContain('1:10 error wrong-type Each entry of "ssh" must be an object.')
  })

  test('settings are read', () => {
    expect(parsePolicy('{"RandomizeClientPort": true, "OneCGNATRoute":\n"mac-always"}').policy?.settings)
      .toEqual({ randomizeClientPort: true, disableIPv4: false, oneCgnatRoute: 'mac-always', lines: { randomizeClientPort: 1, oneCgnatRoute: 2 } })
  })
})
