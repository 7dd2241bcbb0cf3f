import { expect, test } from 'vitest'
import { compilePolicy, parsePolicy } from '../../policy/index.ts'
import { defaultNames } from '../names.ts'
import { plainFacts } from '../testing.ts'
import type { DerpRegion, NetNode, Network } from '../model.ts'
import { viewFor } from '../view.ts'
import { type Simulation, simulate } from './index.ts'

const now = 1_000_000
const grantLine = 3

function machine(id: number, name: string, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name, stableId: `n${id}`, kind: 'client', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`,
    addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::${id}`], endpoints: [], homeDerp: 1, capVersion: 130, routes: [], facts: plainFacts(id), tags: [],
    authorized: true, online: true, relayUp: false, ...more,
  }
}

const region = (id: number, code: string): DerpRegion => ({ id, code, name: code, nodes: [{ name: `${id}a`, host: `${code}.example`, derpPort: 443, stunPort: 3478, pins: [] }] })
const ann = machine(1, 'ann-laptop', { owner: 'ann@example.com' })
const web = machine(2, 'web-1', { tags: ['tag:web'], homeDerp: 2 })
const gw = machine(3, 'gw-1', { tags: ['tag:gw'], routes: ['10.9.0.0/16', '0.0.0.0/0', '::/0'] })
const second = machine(4, 'gw-2', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] })
const near = machine(8, 'relay-fra', { kind: 'agent', tags: ['tag:relay'], relayUp: true })
const far = machine(9, 'relay-nyc', { kind: 'agent', tags: ['tag:relay'], relayUp: true, homeDerp: 3 })

const relayGrant = (src: string, dst: string, values = '{}'): string => `{"src": ["${src}"], "dst": ["${dst}"], "app": {"tailscale.com/cap/relay": [${values}]}}`
const reach = '{"src": ["autogroup:member"], "dst": ["tag:web", "10.9.0.0/16"], "ip": ["tcp:443"]}'

function run(grants: readonly string[], nodes: readonly NetNode[], from = 1, to = 2): Simulation {
  const parsed = parsePolicy(`{"tagOwners": {"tag:web": [], "tag:gw": [], "tag:relay": []}, "hosts": {"fra": "100.64.1.8", "nyc": "100.64.1.9"},\n"grants": [\n${grants.join(',\n')}\n]}`)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  const network: Network = { nodes, policy: compilePolicy(parsed.policy), derpRegions: [region(1, 'fra'), region(2, 'ams'), region(3, 'nyc')], names: defaultNames, now }
  const found = simulate(network, new Set([8, 9]), from, to)
  if (found === undefined) throw new Error('both are there')
  // What is said to be asked is what the ends are told, whatever else there is in the network.
  const told = [from, to].flatMap((id) => viewFor(id, network)?.relays ?? []).filter((id) => id !== from && id !== to)
  expect(told).toEqual(expect.arrayContaining(found.relays.flatMap(({ id, isAsked }) => (isAsked ? [id] : []))))
  return found
}

/** Names of relays: those that are asked. */
function asked({ relays }: Simulation): string[] {
  return relays.flatMap(({ name, isAsked }) => (isAsked ? [name] : []))
}

test('who may reach whom, each way, by which lines and on which ports', () => {
  const { ways, seeEachOther } = run([reach, relayGrant('*', 'tag:relay')], [ann, web, near])
  expect(seeEachOther).toBe(true)
  expect(ways).toMatchObject([
    { from: 'ann-laptop', to: 'web-1', allowed: true, line: grantLine, open: [{ ports: ['tcp:443'], line: grantLine }] },
    { from: 'web-1', to: 'ann-laptop', allowed: false, open: [], sentence: 'No grant lets web-1 reach ann-laptop.' },
  ])
})

test('either end may ask; the only relay that is asked is expected', () => {
  const found = run([reach, relayGrant('tag:web', 'fra', '{"maxSessions": 3}')], [ann, web, near, far])
  expect(asked(found)).toEqual(['relay-fra'])
  expect(found.relays[0]?.asks).toMatchObject([
    { end: 'ann-laptop', allowed: false, isAsked: false },
    { end: 'web-1', allowed: true, isAsked: true, line: grantLine + 1, limits: [{ words: 'at most 3 sessions', lines: [grantLine + 1] }] },
  ])
  expect(found.expected).toEqual({ relayId: 8, sentence: 'relay-fra: it is the only relay that is asked.' })
  expect(found.otherwise).toBe('Without a relay, DERP carries what they send: to web-1 in region ams, to ann-laptop in region fra.')
})

test.each<[string, readonly string[], readonly NetNode[], string[], string]>([
  ['of several the one with a home region of theirs', [reach, relayGrant('*', 'tag:relay')], [ann, web, near, far], ['relay-fra', 'relay-nyc'],
    'Likely relay-fra: its home region fra is also that of ann-laptop. Latencies are not known here, and the one that answers fastest wins.'],
  ['nobody is nearer', [reach, relayGrant('*', 'tag:relay')], [ann, web, { ...near, homeDerp: 0 }, far], ['relay-fra', 'relay-nyc'],
    'Not known: 2 relays are asked, and the one that answers fastest wins; their latencies are not known here.'],
  ['no relay', [reach], [ann, web], [], 'None: there is no relay besides the two.'],
  ['no grant', [reach], [ann, web, near], [], 'None: no grant lets ann-laptop or web-1 use a relay.'],
  ['none is up', [reach, relayGrant('*', 'tag:relay')], [ann, web, { ...near, relayUp: false }], [], 'None: no relay that they may use is up.'],
  ['too old', [reach, relayGrant('*', 'tag:relay')], [{ ...ann, capVersion: 106 }, web, near], [],
    'None: ann-laptop is too old to use relays: capability version 106, and 121 is needed.'],
  ['not seen', [relayGrant('*', 'tag:relay')], [ann, web, near], [], 'ann-laptop and web-1 do not see each other, so neither looks for a path and no relay is asked.'],
  ['not let', ['{"src": ["*"], "dst": ["tag:web"], "app": {"example.com/x": []}}', relayGrant('*', 'tag:relay')], [ann, web, near], ['relay-fra'],
    'Neither may open a connection to the other, so no relay has anything to carry.'],
])('which relay is expected: %s', (_, grants, nodes, relays, sentence) => {
  const found = run(grants, nodes)
  expect([asked(found), found.expected.sentence]).toEqual([relays, sentence])
})

test('of relays that are up only those with the highest preference are asked; the others say so', () => {
  const policy = [reach, relayGrant('*', 'nyc', '{"prefer": 10}'), relayGrant('*', 'fra')]
  const found = run(policy, [ann, web, near, far])
  expect([asked(found), found.expected.relayId]).toEqual([['relay-nyc'], 9])
  expect(found.relays[1]?.asks[0]?.sentence).toBe('ann-laptop may use relay-fra by the grant on line 5. Relays with a higher preference are up, and only those are asked.')
  expect(asked(run(policy, [ann, web, near, { ...far, relayUp: false }]))).toEqual(['relay-fra'])
})

test('an end that is not let asks nothing, and says why', () => {
  const { ends, relays } = run([reach, relayGrant('*', 'tag:relay')], [{ ...ann, authorized: false }, web, near])
  expect(ends.map(({ whyNot }) => whyNot)).toEqual(['ann-laptop is not approved.', undefined])
  expect(relays[0]?.asks[0]?.sentence).toBe('ann-laptop may use relay-fra by the grant on line 4. ann-laptop is not approved.')
})

test('an agent asks nobody; the other end may', () => {
  const found = run(['{"src": ["*"], "dst": ["*"], "ip": ["*"]}', relayGrant('*', 'tag:relay')], [ann, near, far], 1, 9)
  expect(found.ends.map(({ whyNot }) => whyNot)).toEqual([undefined, 'relay-nyc is an agent: it relays and asks nobody.'])
  expect(found.relays).toMatchObject([{ name: 'relay-fra', isAsked: true, asks: [{ isAsked: true }, { isAsked: false }] }])
})

test('what lies behind a router, and by which machine it is reached', () => {
  const policy = [reach, '{"src": ["autogroup:member"], "dst": ["autogroup:internet"], "ip": ["*"]}']
  expect(run(policy, [ann, gw, second], 1, 3).ways[0]).toMatchObject({
    allowed: false,
    behind: [
      { route: '10.9.0.0/16', by: { name: 'gw-1' }, open: [{ ports: ['tcp:443'], line: grantLine }] },
      { route: 'the internet', by: { name: 'gw-1' }, open: [{ ports: ['*'], line: grantLine + 1 }] },
    ],
  })
  // Another carries the prefix: the second router is only there for when it goes.
  expect(run(policy, [ann, gw, second], 1, 4).ways[0]?.behind).toEqual([{ route: '10.9.0.0/16', by: { id: 3, name: 'gw-1' }, open: [{ ports: ['tcp:443'], line: grantLine }] }])
})

test('there is nothing to say of a machine that is not there', () => {
  const policy = parsePolicy('{}')
  if (!policy.ok) throw new Error('{} is a policy')
  expect(simulate({ nodes: [ann], policy: compilePolicy(policy.policy), derpRegions: [], names: defaultNames, now }, new Set(), 1, 2)).toBeUndefined()
})
