import { describe, expect, test } from 'vitest'
import { parsePolicy } from '../parse.ts'
import { placedProblems } from './placed-problems.ts'

const names = '"groups": {"group:ops": []}, "tagOwners": {"tag:web": [], "tag:gw": []}, "hosts": {"nas": "10.0.0.9", "lan": "10.0.0.0/8", "all": "0.0.0.0/0"}, "ipsets": {"ipset:a": ["10.1.0.0/16"]}'

/** A rule in the second line of a document that defines some names. */
function listed(list: 'grants' | 'acls', rule: string): string {
  return `{${names}, "${list}": [\n${rule}]}`
}

describe('grants (spec/policy.md §5)', () => {
  test.each([
    '{"src": [], "dst": [], "ip": ["*"]}',
    '{"src": ["*"], "dst": ["*"], "ip": [], "app": {"example.com/cap/x": []}}',
    '{"src": ["danger@example.com", "local@", "user:*@example.com", "group:ops", "autogroup:danger-all"], "dst": ["autogroup:internet"], "ip": ["*"]}',
    '{"src": ["group:ops", "autogroup:member", "autogroup:admin", "ann@example.com", "user:*@x.org"], "dst": ["autogroup:self", "tag:web"], "ip": ["22"]}',
    '{"src": ["*"], "dst": ["lan"], "ip": ["*"], "via": ["tag:gw"]}',
    '{"src": ["*"], "dst": ["lan"], "app": {"example.com/cap/x": [null, 1, "a", [], {"a": {"b": 1}}]}, "via": []}',
    '{"src": ["0.0.0.0/0", "10.0.0.1-10.0.0.9", "ipset:a", "nas", "fd7a::5", "2001:db8::/32"], "dst": ["ipset:a"], "ip": ["47", "icmp:*", "GRE:*", "58:*", "tcp:1,2-3", "0-9"]}',
    '{"#why": "x", "#": 1, "SRC": ["*"], "Dst": ["*"], "IP": ["*"]}',
  ])('%s is accepted', (rule) => {
    expect(parsePolicy(listed('grants', rule))).toMatchObject({ ok: true, problems: [] })
  })

  test.each([
    ['{"dst": ["*"], "ip": ["*"]}', '2:1 error missing-key This grant has no "src".'],
    ['{"src": ["*"], "ip": ["*"]}', '2:1 error missing-key This grant has no "dst".'],
    ['{"src": ["*"], "dst": ["*"], "ip": [], "app": {}}', '2:1 error gives-nothing This grant gives nothing'],
    ['{"src": ["*"], "dst": ["*"], "ip": [22]}', '2:37 error wrong-type Each entry of "ip" must be a string.'],
    ['{"src": ["*"], "dst": ["*"], "ip": ["*"], "ports": []}', '2:43 error unknown-key Unknown key "ports" in a grant.'],
    ['{"src": ["*"], "dst": ["*"], "ip": ["*"], "src_": []}', '2:43 error unknown-key Unknown key "src_" in a grant. Did you mean "src"?'],
    ['{"src": ["*"], "dst": ["*"], "ip": ["*"], "srcPosture": ["posture:x"]}', '2:43 error posture "srcPosture" is refused'],
    ['{"src": ["autogroup:self"], "dst": ["*"], "ip": ["*"]}', '2:10 error not-allowed-here "autogroup:self" can only be a destination.'],
    ['{"src": ["autogroup:internet"], "dst": ["*"], "ip": ["*"]}', '2:10 error not-allowed-here "autogroup:internet" can only be a destination.'],
    ['{"src": ["*"], "dst": ["autogroup:danger-all"], "ip": ["*"]}', '2:24 error not-allowed-here "autogroup:danger-all" can only be a source.'],
    ['{"src": ["*"], "dst": ["autogroup:shared"], "ip": ["*"]}', '2:24 error not-allowed-here "autogroup:shared" can only be a source.'],
    ['{"src": ["autogroup:nonroot"], "dst": ["*"], "ip": ["*"]}', '2:10 error not-allowed-here "autogroup:nonroot" is a login name'],
    ['{"src": ["autogroup:members"], "dst": ["*"], "ip": ["*"]}', '2:10 error unknown-autogroup There is no "autogroup:members". Did you mean "autogroup:member"?'],
    ['{"src": ["*"], "dst": ["autogroup:self"], "ip": ["*"]}', '2:10 error self-source "*" cannot reach "autogroup:self"'],
    ['{"src": ["tag:web"], "dst": ["autogroup:self"], "ip": ["*"]}', '2:10 error self-source "tag:web" cannot reach'],
    ['{"src": ["autogroup:tagged"], "dst": ["autogroup:self"], "ip": ["*"]}', '2:10 error self-source "autogroup:tagged" cannot reach'],
    ['{"src": ["nas"], "dst": ["autogroup:self"], "ip": ["*"]}', '2:10 error self-source "nas" cannot reach'],
    ['{"src": ["*"], "dst": ["::/0"], "ip": ["*"], "via": ["tag:gw"]}', '2:24 error whole-family "::/0" as a destination'],
    ['{"src": ["*"], "dst": ["all"], "ip": ["*"]}', '2:24 error whole-family "all" as a destination'],
    ['{"src": ["*"], "dst": ["tag:web", "autogroup:internet"], "app": {"example.com/cap/x": []}}', '2:35 error not-allowed-here "autogroup:internet" cannot be a destination of "app"'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["*"], "via": ["group:ops"]}', '2:53 error not-allowed-here "group:ops" cannot be in "via"'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["*"], "via": ["tag:gv"]}', '2:53 error unknown-tag The tag "tag:gv" is not defined in "tagOwners". Did you mean "tag:gw"?'],
    ['{"src": ["ipset:b"], "dst": ["lan"], "ip": ["*"]}', '2:10 error unknown-ipset The IP set "ipset:b" is not defined in "ipsets". Did you mean "ipset:a"?'],
    ['{"src": ["10.0.0.9-10.0.0.1"], "dst": ["lan"], "ip": ["*"]}', '2:10 error invalid-selector "10.0.0.9-10.0.0.1" is no range'],
    ['{"src": ["10.0.0.0/33"], "dst": ["lan"], "ip": ["*"]}', '2:10 error invalid-selector "10.0.0.0/33" is not a valid address range.'],
    ['{"src": ["10.0.0.1/8"], "dst": ["lan"], "ip": ["*"]}', '2:10 warning bits-ignored "10.0.0.1/8" has bits beyond its length'],
    ['{"src": ["tag:1"], "dst": ["lan"], "ip": ["*"]}', '2:10 error invalid-selector "tag:1": after "tag:" comes a letter'],
    ['{"src": [""], "dst": ["lan"], "ip": ["*"]}', '2:10 error invalid-selector A selector is empty.'],
    ['{"src": ["svc:x"], "dst": ["lan"], "ip": ["*"]}', '2:10 error invalid-selector "svc:x" is neither an address nor a name'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["0"]}', '2:39 error invalid-port Port range "0"'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["443-80"]}', '2:39 error invalid-port "443-80": the first port is above the last.'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["65536"]}', '2:39 error invalid-port "65536": the highest port is 65535.'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["22,"]}', '2:39 error invalid-port "" is not a port'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["ssh"]}', '2:39 error invalid-port "ssh" is not a port'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["icmp"]}', '2:39 error invalid-port "icmp" is a protocol without ports: write "icmp:*".'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["icmp:8"]}', '2:39 error invalid-port "icmp:8": icmp has no ports'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["tcp:1:2"]}', '2:39 error invalid-port "tcp:1:2" has more than one colon'],
    ['{"src": ["*"], "dst": ["lan"], "ip": ["*:22"]}', '2:39 error invalid-port "*" is not a protocol'],
    ['{"src": ["*"], "dst": ["lan"], "app": {"https://example.com/x": []}}', '2:40 error invalid-capability "https://example.com/x": write a capability as "domain/path"'],
    ['{"src": ["*"], "dst": ["lan"], "app": {"tailscale.com/cap/funnel": []}}', '2:40 error invalid-capability "tailscale.com/cap/funnel" is reserved'],
    ['{"src": ["*"], "dst": ["lan"], "app": {"tailscale.com/cap/drive-sharer": []}}', '2:40 error invalid-capability "tailscale.com/cap/drive-sharer" comes by itself'],
    ['{"src": ["*"], "dst": ["lan"], "app": {"example.com/cap/x": {}}}', '2:61 error wrong-type "example.com/cap/x" must be a list.'],
    ['{"src": ["*"], "dst": ["lan"], "app": {"example.com/cap/x": [{"a": 1, "a": 2}]}}', '2:71 error duplicate-key The key "a" occurs twice'],
    ['{"src": ["*"], "dst": ["lan"], "app": {"tailscale.com/cap/relay": [1]}}', '2:68 warning unknown-parameter This is no set of parameters'],
    ['{"src": ["*"], "dst": ["lan"], "app": {"tailscale.com/cap/relay": [{"speed": 1}]}}', '2:69 warning unknown-parameter "speed" is not a parameter known here'],
  ])('%s: %s', (rule, problem) => {
    expect(placedProblems(listed('grants', rule))[0]).toContain(problem)
    expect(placedProblems(listed('grants', rule))).toHaveLength(1)
  })
})

describe('acls (spec/policy.md §6)', () => {
  test.each([
    '{"action": "accept", "src": ["*"], "dst": ["*:*"]}',
    '{"action": "accept", "users": ["*"], "ports": ["nas:22,80-90", "tag:web:443"]}',
    '{"action": "accept", "src": ["*", "ann@example.com"], "proto": "", "dst": ["autogroup:self:*"]}',
    '{"action": "accept", "src": ["*"], "proto": "TCP", "dst": ["10.0.0.0/8:22", "0.0.0.0/0:*", "::/0:*", "ipset:a:1", "autogroup:internet:*"]}',
    '{"action": "accept", "src": ["*"], "proto": "47", "dst": ["[fd7a::5]:*", "[2001:db8::]/32:*", "fd7a::5:*"]}',
    '{"action": "accept", "src": [], "dst": [], "#": "nothing"}',
  ])('%s is accepted', (rule) => {
    expect(parsePolicy(listed('acls', rule))).toMatchObject({ ok: true, problems: [] })
  })

  test.each([
    ['{"src": ["*"], "dst": ["*:*"]}', '2:1 error missing-key This acl has no "action".'],
    ['{"action": "deny", "src": ["*"], "dst": ["*:*"]}', '2:12 error invalid-action "action" can only be "accept"'],
    ['{"action": "accept", "dst": ["*:*"]}', '2:1 error missing-key This acl has no "src".'],
    ['{"action": "accept", "src": ["*"]}', '2:1 error missing-key This acl has no "dst".'],
    ['{"action": "accept", "src": ["*"], "users": ["*"], "dst": ["*:*"]}', '2:36 error both-names "users" is the old name of "src": write one of them.'],
    ['{"action": "accept", "src": ["*"], "dst": ["*:*"], "ports": ["*:*"]}', '2:52 error both-names "ports" is the old name of "dst": write one of them.'],
    ['{"action": "accept", "src": ["*"], "dst": ["*:*"], "via": ["tag:gw"]}', '2:52 error unknown-key "via" is a key of grants'],
    ['{"action": "accept", "src": ["*"], "dst": ["*:*"], "srcPosture": []}', '2:52 error posture "srcPosture" is refused'],
    ['{"action": "accept", "src": ["*"], "proto": "*", "dst": ["*:*"]}', '2:45 error invalid-port "*" is not a protocol: leave "proto" out for any.'],
    ['{"action": "accept", "src": ["*"], "proto": "tcpp", "dst": ["*:*"]}', '2:45 error invalid-port "tcpp" is not a protocol'],
    ['{"action": "accept", "src": ["*"], "proto": 6, "dst": ["*:*"]}', '2:45 error wrong-type "proto" must be a string.'],
    ['{"action": "accept", "src": ["*"], "proto": "icmp", "dst": ["*:1"]}', '2:61 error invalid-port "*:1": the protocol of this acl has no ports'],
    ['{"action": "accept", "src": ["*"], "dst": ["nas"]}', '2:44 error invalid-port "nas" has no port: write "nas:*"'],
    ['{"action": "accept", "src": ["*"], "dst": ["tag:web"]}', '2:44 error invalid-port "tag:web" has no port: write "tag:web:*"'],
    ['{"action": "accept", "src": ["*"], "dst": ["autogroup:self"]}', '2:44 error invalid-port "autogroup:self" has no port'],
    ['{"action": "accept", "src": ["*"], "dst": ["[fd7a::5]"]}', '2:44 error invalid-port "[fd7a::5]" has no port: write "[fd7a::5]:*"'],
    ['{"action": "accept", "src": ["*"], "dst": ["fd7a:115c:a1e0::5"]}', '2:44 error invalid-port "fd7a:115c:a1e0::5" has no port: write "[fd7a:115c:a1e0::5]:*"'],
    ['{"action": "accept", "src": ["*"], "dst": ["[10.0.0.1]:22"]}', '2:44 error invalid-port "[10.0.0.1]": only an IPv6 address stands in brackets.'],
    ['{"action": "accept", "src": ["*"], "dst": ["[nas]:22"]}', '2:44 error invalid-port "[nas]": only an IPv6 address'],
    ['{"action": "accept", "src": ["*"], "dst": [":22"]}', '2:44 error invalid-selector A selector is empty.'],
    ['{"action": "accept", "src": ["*"], "dst": ["nas:0"]}', '2:44 error invalid-port Port range "0"'],
    ['{"action": "accept", "src": ["*"], "dst": ["nas:+1"]}', '2:44 error invalid-port "+1" is not a port'],
    ['{"action": "accept", "src": ["*"], "dst": ["tag:wep:1"]}', '2:44 error unknown-tag The tag "tag:wep" is not defined in "tagOwners". Did you mean "tag:web"?'],
    ['{"action": "accept", "src": ["tag:web"], "dst": ["autogroup:self:*"]}', '2:30 error self-source "tag:web" cannot reach "autogroup:self"'],
    ['{"action": "accept", "src": ["autogroup:tagged"], "dst": ["autogroup:self:*"]}', '2:30 error self-source'],
  ])('%s: %s', (rule, problem) => {
    expect(placedProblems(listed('acls', rule))[0]).toContain(problem)
    expect(placedProblems(listed('acls', rule))).toHaveLength(1)
  })

  test('each destination is a grant, numbered behind the grants, with its own place in the list', () => {
    const text = `{"tagOwners": {"tag:a": []}, "acls": [
      {"action": "accept", "src": ["*"], "proto": "tcp", "dst": ["tag:a:22", "[fd7a::5]:80,443"]},
    ], "grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}`
    expect(parsePolicy(text).policy?.grants).toMatchObject([
      { index: 0, origin: { list: 'grants', index: 0 } },
      { index: 1, origin: { list: 'acls', index: 0, dst: 0 }, place: { line: 2 }, dst: [{ text: 'tag:a' }], ip: [{ protocol: 6, ports: [{ first: 22, last: 22 }] }] },
      { index: 2, origin: { list: 'acls', index: 0, dst: 1 }, dst: [{ text: 'fd7a::5' }], ip: [{ protocol: 6, ports: [{ first: 80, last: 80 }, { first: 443, last: 443 }] }] },
    ])
  })

  test.each([['{}', undefined], ['{"acls": []}', []], ['{"grants": []}', []]])('%s: only a document with neither list allows everything', (text, grants) => {
    expect(parsePolicy(text).policy?.grants).toEqual(grants)
  })
})
