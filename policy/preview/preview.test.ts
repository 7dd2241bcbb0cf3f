import { describe, expect, test } from 'vitest'
import { compilePolicy, parsePolicy, type CompiledPolicy, type PolicyNode } from '../index.ts'
import { previewPolicy, type PreviewSide } from './index.ts'

function compile(text: string): CompiledPolicy {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
  return compilePolicy(parsed.policy)
}

const names = `"tagOwners": {"tag:relay": [], "tag:ci": [], "tag:db": [], "tag:gw": [], "tag:gw2": []}, "groups": {"group:eng": ["ann@example.com", "bob@example.com"]}`
const policy = (...grants: string[]): CompiledPolicy => compile(`{${names}, "grants": [${grants.join()}]}`)
const relayGrant = (src: string, dst = 'tag:relay'): string => `{"src": ["${src}"], "dst": ["${dst}"], "app": {"tailscale.com/cap/relay": [{}]}}`
const reachGrant = (src: string, dst: string, ip: string): string => `{"src": ["${src}"], "dst": ["${dst}"], "ip": ["${ip}"]}`

const node = (id: number, name: string, part: Partial<PolicyNode> = {}): PolicyNode => ({ id, name, addresses: [`100.64.0.${id}`, `fd7a:115c:a1e0::${id}`], tags: [], ...part })
const nodes: readonly PolicyNode[] = [
  node(1, 'ams', { tags: ['tag:relay'] }), node(2, 'fra', { tags: ['tag:relay'] }),
  node(3, 'ann-mbp', { owner: 'ann@example.com' }), node(4, 'ann-phone', { owner: 'ann@example.com' }), node(5, 'bob-mbp', { owner: 'bob@example.com' }),
  node(6, 'ci', { tags: ['tag:ci'] }), node(7, 'db', { tags: ['tag:db'] }), node(8, 'zoe', { owner: 'zoe@example.com' }),
  node(9, 'gw', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] }), node(10, 'gw2', { tags: ['tag:gw2'], routes: ['10.9.0.0/16', '0.0.0.0/0', '::/0'] }),
]

const preview = (before: CompiledPolicy, after: CompiledPolicy) => previewPolicy(before, after, nodes, { isRelay: ({ tags }) => tags.includes('tag:relay') })
/** One line a row: whom, and what. */
const lines = ({ rows }: PreviewSide): string[] => rows.map(({ kind, detail, who, what, isAll }) =>
  `${who.group ?? who.names.join('+')} (${who.count}) ${kind} ${isAll ? 'all ' : ''}${what.group ?? what.names.join('+')} (${what.count}) ${detail}`.trim())

describe('who gains and who loses', () => {
  test('of relays, by name and by the group that they are', () => {
    const { gains, loses } = preview(policy(relayGrant('autogroup:member')), policy(relayGrant('group:eng'), relayGrant('tag:ci', '100.64.0.1')))
    expect(lines(gains)).toEqual(['ci (1) relay ams (1)'])
    expect(lines(loses)).toEqual(['zoe (1) relay all tag:relay (2)'])
    expect([gains.machines, loses.machines]).toEqual([1, 1])
  })

  test('of ports, only those that no other grant gives', () => {
    const kept = reachGrant('ann@example.com', 'tag:db', 'tcp:5432')
    const { gains, loses } = preview(policy(kept, reachGrant('group:eng', 'tag:db', '*')), policy(kept, reachGrant('group:eng', 'tag:db', '22')))
    expect(lines(gains)).toEqual([])
    expect(lines(loses)).toEqual([
      'ann-mbp+ann-phone (2) reach db (1) tcp:0-21,23-5431,5433-65535, udp:0-21,23-65535',
      'bob-mbp (1) reach db (1) 0-21,23-65535',
    ])
  })

  test('of everything, when the last grant goes; a relay is none to itself', () => {
    const { loses } = preview(policy(relayGrant('*')), policy())
    expect(lines(loses)).toEqual(['* (10) relay all tag:relay (2)'])
  })

  test('of a person’s own machines, only towards each other', () => {
    const { gains } = preview(policy(), policy(reachGrant('autogroup:member', 'autogroup:self', 'tcp:22')))
    expect(lines(gains)).toEqual(['ann-mbp+ann-phone (2) reach ann-mbp+ann-phone (2) tcp:22'])
  })

  test('of what lies behind routers, in the parts that rules name', () => {
    const { gains, loses } = preview(policy(reachGrant('tag:ci', '10.9.0.0/16', '443')), policy(reachGrant('tag:ci', '10.9.0.0/17', '443'), reachGrant('tag:db', 'autogroup:internet', '*')))
    expect(lines(gains)).toEqual(['db (1) reach the internet through exit nodes (1) *'])
    expect(lines(loses)).toEqual(['ci (1) reach 10.9.128.0/17 behind gw and gw2 (1) 443'])
  })

  test('nothing for machines that one address or one tag fewer does not change', () => {
    const { gains, loses } = preview(policy(reachGrant('tag:ci', 'tag:db', '443')), policy(reachGrant('100.64.0.6', 'tag:db', '443'), reachGrant('fd7a:115c:a1e0::6', '100.64.0.0/24', '443')))
    expect([gains.total, loses.total]).toEqual([0, 0])
  })

  test('a destination that moves to another router says so; nothing is lost', () => {
    const via = (tag: string): string => `{"src": ["tag:ci"], "dst": ["10.9.0.0/16"], "ip": ["*"], "via": ["${tag}"]}`
    const { gains, loses, paths } = preview(policy(via('tag:gw')), policy(via('tag:gw2')))
    expect([gains.total, loses.total]).toEqual([0, 0])
    expect(paths).toEqual([{ who: { count: 1, names: ['ci'] }, route: '10.9.0.0/16', from: ['gw'], to: ['gw2'] }])
    // A plain grant beside it takes the choice away.
    expect(preview(policy(via('tag:gw2')), policy(via('tag:gw2'), reachGrant('tag:ci', '10.9.1.0/24', '22'))).paths).toMatchObject([{ from: ['gw2'], to: ['gw'] }])
  })

  test('limits on relays that become wider or narrower', () => {
    const limited = (terms: string): CompiledPolicy => policy(`{"src": ["tag:ci"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [${terms}]}}`)
    const wider = preview(limited('{"maxSessions": 10, "family": "ipv4"}'), limited('{"maxSessions": 20, "maxRate": "50mbit"}'))
    expect(lines(wider.gains)).toEqual([
      'ci (1) terms tag:relay (2) 20 sessions instead of 10 sessions', 'ci (1) terms tag:relay (2) both families instead of IPv4 only',
    ])
    expect(lines(wider.loses)).toEqual(['ci (1) terms tag:relay (2) 50 Mbit/s instead of any rate'])
    const preferred = preview(limited('{"prefer": 10}'), limited('{"quota": "2TiB/month"}'))
    expect([lines(preferred.gains), lines(preferred.loses)]).toEqual([
      [], ['ci (1) terms tag:relay (2) 2 TiB a month instead of no quota', 'ci (1) terms tag:relay (2) preference 0 instead of 10'],
    ])
  })

  test('attributes and other capabilities', () => {
    const before = policy(`{"src": ["tag:ci"], "dst": ["tag:db"], "app": {"example.com/cap/db": [{"role": "reader"}]}}`)
    const after = compile(`{${names}, "grants": [], "nodeAttrs": [{"target": ["tag:ci"], "attr": ["funnel-not"]}], "randomizeClientPort": true}`)
    const { gains, loses } = preview(before, after)
    expect(lines(gains)).toEqual(['* (10) attribute  (0) randomize-client-port', 'ci (1) attribute  (0) funnel-not'])
    expect(lines(loses)).toEqual(['ci (1) capability db (1) example.com/cap/db {"role":"reader"}'])
  })
})
