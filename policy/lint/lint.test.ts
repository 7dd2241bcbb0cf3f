import { expect, test } from 'vitest'
import { compilePolicy } from '../compile.ts'
import { parsePolicy } from '../parse.ts'
import { type LintNetwork, type LintNode, lintPolicy, type LintProblem } from './index.ts'

function machine(id: number, name: string, more: Partial<LintNode> = {}): LintNode {
  return { id, name, addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::${id}`], tags: [], kind: 'client', capVersion: 130, ...more }
}

const ann = machine(1, 'ann-laptop', { owner: 'Ann@example.com' })
const bob = machine(2, 'bob-phone', { owner: 'bob@example.com' })
const old = machine(3, 'old-box', { owner: 'ann@example.com', capVersion: 106 })
const web = machine(4, 'web-1', { tags: ['tag:web'] })
const gw = machine(5, 'gw-1', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] })
const relay = machine(8, 'relay-1', { tags: ['tag:relay'], kind: 'agent', isRelay: true })
const stock = machine(9, 'relay-2', { tags: ['tag:edge'], isRelay: true })
const people = ['ann@example.com', 'bob@example.com']

const definitions = '"groups": {"group:ops": ["bob@example.com"], "group:none": []}, "hosts": {"web": "100.64.1.4"}, "tagOwners": {"tag:web": ["group:ops"], "tag:gw": ["group:ops"], "tag:relay": ["autogroup:admin"], "tag:edge": ["autogroup:admin"]}'
const everybody = '{"src": ["*"], "dst": ["*"], "ip": ["*"]}'
const relayed = '{"src": ["autogroup:member"], "dst": ["tag:relay", "tag:edge"], "app": {"tailscale.com/cap/relay": [{}]}}'

function lint(text: string, network: LintNetwork): LintProblem[] {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(`${text}\n${parsed.problems.map(({ message }) => message).join('\n')}`)
  return lintPolicy(text, parsed.policy, compilePolicy(parsed.policy), network)
}

/** A document with grants from line 2 on, one a line. */
function document(...grants: string[]): string {
  return `{${definitions}, "grants": [\n${grants.join(',\n')}\n]}`
}

function withFix(text: string, { fix }: LintProblem): string {
  return fix === undefined ? text : text.slice(0, fix.offset) + fix.replacement + text.slice(fix.offset + fix.length)
}

function grantsOf(text: string): unknown {
  return JSON.parse(text.replace(/,(\s*[\]}])/g, '$1')).grants
}

type Case = {
  readonly grants: readonly string[]
  readonly nodes?: readonly LintNode[]
  /** `code line: message [fix]`, or with `(advice)`. */
  readonly said: readonly string[]
  readonly network?: Partial<LintNetwork>
  /** The grants after the fix of the first problem. */
  readonly fixed?: readonly string[]
}

const relayGrant = (src: string, dst: string, values = '{}'): string => `{"src": [${src}], "dst": [${dst}], "app": {"tailscale.com/cap/relay": [${values}]}}`
const ipGrant = (src: string, dst: string, ip = '"*"'): string => `{"src": [${src}], "dst": [${dst}], "ip": [${ip}]}`

function summary(problem: LintProblem): string {
  const how = problem.fix === undefined ? ` (${problem.advice ?? ''})` : ` [${problem.fix.label}]`
  return `${problem.code} ${problem.line}: ${problem.message}${how}`
}

test.each<[string, Case]>([
  ['nothing is wrong', { grants: [everybody, relayed], nodes: [ann, bob, relay, stock], said: [] }],
  ['a source that matches no machine', {
    grants: [everybody, ipGrant('"tag:gw", "group:none"', '"100.64.1.1-100.64.1.9"', '"gre:*"')], nodes: [ann, web],
    said: ['no-machine 3: These sources match no machine: no machine carries tag:gw and group:none has no people. [Remove this grant]'],
    fixed: [everybody],
  }],
  ['a destination that matches no machine', {
    grants: [ipGrant('"ann@example.com"', '"10.0.0.0/8"', '"gre:*"'), everybody], nodes: [ann, bob],
    said: ['no-machine 2: This destination matches no machine: no machine and no approved route has 10.0.0.0/8. [Remove this grant]'],
    fixed: [everybody],
  }],
  ['a destination behind a router is there', { grants: [everybody, ipGrant('"ann@example.com"', '"10.9.1.0/24"', '"gre:*"')], nodes: [ann, gw], said: [] }],
  ['no sources', { grants: [everybody, ipGrant('', '"*"')], nodes: [ann, bob], said: ['no-machine 3: This grant has no sources, so it allows nothing. [Remove this grant]'], fixed: [everybody] }],
  ['a relay whose ports alone are granted', {
    grants: [everybody, ipGrant('"group:ops"', '"tag:relay"', '"esp:*"')], nodes: [bob, relay],
    said: ['relay-not-granted 3: relay-1 is a relay, and this opens ports only: no grant lets anybody relay through it. [Let the same sources relay too]'],
    fixed: [everybody, '{"src": ["group:ops"], "dst": ["tag:relay"], "ip": ["esp:*"], "app": {"tailscale.com/cap/relay": [{}]}}'],
  }],
  ['what does not relay granted as a relay', {
    grants: [everybody, relayGrant('"autogroup:member"', '"tag:web"')], nodes: [ann, web],
    said: ['not-a-relay 3: Nothing in "tag:web" is a relay: web-1 does not relay. (Turn it on under Relays, or name the relays here.)'],
  }],
  ['a relay that nobody may use, beside one that some may', {
    grants: [everybody, relayGrant('"autogroup:member"', '"tag:relay"')], nodes: [ann, relay, stock],
    said: ['unused-relay 3: Nobody may use relay-2 as a relay. [Add it to line 3]'],
    fixed: [everybody, relayGrant('"autogroup:member"', '"tag:relay", "tag:edge"')],
  }],
  ['a relay that nobody may use, and no relay grant', {
    grants: [everybody], nodes: [ann, relay], said: ['unused-relay 1: Nobody may use relay-1 as a relay. [Let members use it]'],
    fixed: [everybody, relayGrant('"autogroup:member"', '"tag:relay"')],
  }],
  ['a relay that only itself may use', {
    grants: [everybody, relayGrant('"tag:relay"', '"tag:relay"')], nodes: [ann, relay],
    said: ['unused-relay 1: Nobody may use relay-1 as a relay. [Let members use it]'],
  }],
  ['clients and relays reversed', {
    grants: [everybody, relayed, '{"src": ["tag:relay"], "app": {"tailscale.com/cap/relay": []}, "dst": ["bob@example.com"]}'], nodes: [ann, bob, relay, stock],
    said: [
      'reversed 4: "src" are the clients and "dst" the relays: "tag:relay" is a relay, "bob@example.com" is not. [Swap "src" and "dst"]',
      'not-a-relay 4: Nothing in "bob@example.com" is a relay: bob-phone does not relay. (Turn it on under Relays, or name the relays here.)',
    ],
    fixed: [everybody, relayed, '{"src": ["bob@example.com"], "app": {"tailscale.com/cap/relay": []}, "dst": ["tag:relay"]}'],
  }],
  ['a wildcard source, with sessions', {
    grants: [everybody, relayGrant('"*"', '"tag:relay"')], nodes: [ann, bob, web, gw, relay], network: { relayUsers: new Map([[8, [4]]]) },
    said: ['wildcard-source 3: Wildcard source on a relay: all 4 machines may use relay-1. Its sessions all come from tag:web. [Use tag:web]'],
    fixed: [everybody, relayGrant('"tag:web"', '"tag:relay"')],
  }],
  ['a wildcard source, without sessions', {
    grants: [everybody, relayGrant('"*"', '"tag:relay", "tag:edge"')], nodes: [ann, bob, relay, stock],
    said: ['wildcard-source 3: Wildcard source on a relay: all 4 machines may use relay-1 and relay-2. [Use autogroup:member]'],
    fixed: [everybody, relayGrant('"autogroup:member"', '"tag:relay", "tag:edge"')],
  }],
  ['a wildcard source that nothing narrower covers', {
    grants: [everybody, relayGrant('"*"', '"tag:relay"')], nodes: [ann, web, gw, machine(6, 'quay', { tags: ['tag:edge'] }), relay],
    said: ['wildcard-source 3: Wildcard source on a relay: all 4 machines may use relay-1. (Name who is to use it: people, groups or tags.)'],
  }],
  ['a wildcard source for two machines', {
    grants: [everybody, relayGrant('"*"', '"tag:relay"')], nodes: [ann, web, relay],
    said: ['wildcard-source 3: Wildcard source on a relay: both other machines may use relay-1. [Use tag:web and autogroup:member]'],
    fixed: [everybody, relayGrant('"tag:web", "autogroup:member"', '"tag:relay"')],
  }],
  ['a client too old for relays', {
    grants: [everybody, relayed], nodes: [ann, old, machine(7, 'new-kind', { capVersion: 0 }), relay, stock],
    said: ['old-client 3: old-box is too old to use relays: capability version 106, and 121 is needed. (Update its client; until then they use DERP.)'],
  }],
  ['limits that a stock relay does not enforce', {
    grants: [everybody, relayGrant('"autogroup:member"', '"tag:relay", "tag:edge"', '{"maxSessions": 2, "quota": "1TiB/month", "family": "ipv4"}')], nodes: [ann, relay, stock],
    said: ['stock-relay-limits 3: relay-2 is a stock client, which does not enforce "maxSessions" and "family". (Give it a grant of its own without the limit, or relay there with an agent.)'],
  }],
  ['"via" with "*"', {
    grants: [everybody, '{"src": ["ann@example.com"], "dst": ["*"], "ip": ["gre:*"], "via": ["tag:gw"]}'], nodes: [ann, gw],
    said: ['via-nothing 3: "via" with "*" reaches nothing: it leads to prefixes behind routers. [Use 10.9.0.0/16]'],
    fixed: [everybody, '{"src": ["ann@example.com"], "dst": ["10.9.0.0/16"], "ip": ["gre:*"], "via": ["tag:gw"]}'],
  }],
  ['"via" to a machine, without ports, and by routers that are not there', {
    grants: [
      '{"src": ["ann@example.com"], "dst": ["tag:web"], "ip": ["gre:*"], "via": ["tag:gw"]}', '{"src": ["ann@example.com"], "dst": ["10.9.0.0/16"], "app": {"example.com/x": []}, "via": ["tag:gw"]}',
      '{"src": ["ann@example.com"], "dst": ["10.9.0.0/16"], "ip": ["gre:*"], "via": ["tag:edge"]}', '{"src": ["ann@example.com"], "dst": ["10.8.0.0/16", "10.9.0.0/16"], "ip": ["gre:*"], "via": ["tag:gw"]}', everybody,
    ],
    nodes: [ann, web, gw],
    said: [
      'via-nothing 2: "via" leads behind routers, and "tag:web" names machines: it reaches nothing. [Use 10.9.0.0/16]',
      'via-nothing 3: "via" without "ip" shows the routers and permits nothing. (Add the ports as "ip", or remove "via".)',
      'via-nothing 4: No machine carries "tag:edge", so this grant reaches nothing. [Remove this grant]',
      'via-nothing 5: No machine with "tag:gw" carries an approved route to "10.8.0.0/16". (Approve a route to it on gw-1, or remove it.)',
    ],
  }],
  ['one address of a machine', {
    grants: [everybody, ipGrant('"ann@example.com"', '"100.64.1.4"', '"gre:*"'), ipGrant('"ann@example.com"', '"100.64.1.4", "fd7a:115c:a1e0::4"', '"esp:*"')], nodes: [ann, web],
    said: ['one-family 3: "100.64.1.4" is web-1 by IPv4 alone: its IPv6 address stays closed. [Add fd7a:115c:a1e0::4]'],
    fixed: [everybody, ipGrant('"ann@example.com"', '"100.64.1.4", "fd7a:115c:a1e0::4"', '"gre:*"'), ipGrant('"ann@example.com"', '"100.64.1.4", "fd7a:115c:a1e0::4"', '"esp:*"')],
  }],
  ['people without an account', {
    grants: [everybody, ipGrant('"anna@example.com", "carl@example.com", "ann@exampel.com"', '"tag:web"', '"gre:*"')], nodes: [ann, web],
    said: [
      'unknown-person 3: Nobody here has the account "anna@example.com", so it matches nobody. Did you mean "ann@example.com"? [Change to "ann@example.com"]',
      'unknown-person 3: Nobody here has the account "carl@example.com", so it matches nobody. (Invite them under People, or remove the name.)',
      'unknown-person 3: Nobody here has the account "ann@exampel.com", so it matches nobody. Did you mean "ann@example.com"? [Change to "ann@example.com"]',
    ],
  }],
  ['people who reach nothing', {
    grants: [ipGrant('"ann@example.com"', '"*"')], nodes: [ann, bob],
    said: ['idle-people 1: bob@example.com can reach nothing: no grant with "ip" is for this person’s machines. [Let them reach their own machines]'],
    fixed: [ipGrant('"ann@example.com"', '"*"'), '{"src": ["bob@example.com"], "dst": ["autogroup:self"], "ip": ["*"]}'],
  }],
  ['the same selector twice', {
    grants: [ipGrant('"*"', '"*"', '"*"'), ipGrant('"ann@example.com", "tag:web", "ANN@example.com"', '"web", "100.64.1.4", "fd7a:115c:a1e0::4"', '"gre:*"')], nodes: [ann, web],
    said: [
      'duplicate 3: "ANN@example.com" is the same as "ann@example.com" before it. [Remove it]',
      'duplicate 3: "100.64.1.4" is the same as "web" before it. [Remove it]',
    ],
    fixed: [ipGrant('"*"', '"*"', '"*"'), ipGrant('"ann@example.com", "tag:web"', '"web", "100.64.1.4", "fd7a:115c:a1e0::4"', '"gre:*"')],
  }],
  ['a machine with a tag that is not defined', {
    grants: [everybody], nodes: [ann, machine(6, 'kiosk', { tags: ['tag:gone'] })],
    said: ['tag-undefined 1: kiosk carries "tag:gone", which "tagOwners" does not define: no rule can name it by it. [Define "tag:gone"]'],
  }],
  ['a grant that another covers', {
    grants: [everybody, ipGrant('"ann@example.com"', '"tag:web"', '"22"')], nodes: [ann, web],
    said: ['shadowed 3: This adds nothing: the grant on line 2 already allows all of it. [Remove this grant]'], fixed: [everybody],
  }],
])('%s', (_, { grants, nodes = [], said, fixed: wanted, network = {} }) => {
  const text = document(...grants)
  const all: LintNetwork = { nodes, people, ...network }
  const problems = lint(text, all)
  expect(problems.map(summary)).toEqual(said)
  const fixable = problems.filter(({ fix }) => fix !== undefined)
  // Pressing the button is the end of the matter.
  for (const problem of fixable) expect(lint(withFix(text, problem), all).map(summary)).not.toContain(summary(problem))
  const [first] = fixable
  expect(wanted === undefined || first === undefined ? undefined : grantsOf(withFix(text, first))).toEqual(wanted?.map((grant): unknown => JSON.parse(grant)))
})

test('relays and clients reversed before the relays are there, by what is written', () => {
  const text = document(everybody, relayGrant('"tag:relay"', '"group:ops"'))
  expect(lint(text, { nodes: [ann, bob] }).map(summary)).toContain('reversed 3: "src" are the clients and "dst" the relays: "group:ops" looks like clients. [Swap "src" and "dst"]')
})

test('in an acl the ports stay, and one destination of several is removed alone', () => {
  const text = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["bobb@example.com:22", "100.64.1.9:80", "*:443"]}, {"action": "accept", "src": ["*"], "dst": ["*:8443"]}]}'
  const problems = lint(text, { nodes: [ann, bob], people })
  expect(problems.map(summary)).toEqual([
    'unknown-person 1: Nobody here has the account "bobb@example.com", so it matches nobody. Did you mean "bob@example.com"? [Change to "bob@example.com"]',
    'no-machine 1: This destination matches no machine: no machine and no approved route has 100.64.1.9. [Remove this destination]',
  ])
  expect(problems.map((problem): unknown => JSON.parse(withFix(text, problem)))).toMatchObject([
    { acls: [{ dst: ['bob@example.com:22', '100.64.1.9:80', '*:443'] }, {}] }, { acls: [{ dst: ['bobb@example.com:22', '*:443'] }, {}] },
  ])
})

test('the default routes among approved routes approve no exit node', () => {
  const text = '{"autoApprovers": {"routes": {"0.0.0.0/0": ["autogroup:admin"], "10.0.0.0/8": ["autogroup:member"]}}}'
  const [problem, ...others] = lint(text, { nodes: [ann, bob] })
  if (problem === undefined) throw new Error('expected a problem')
  expect([summary(problem), others]).toEqual(['exit-approver 1: "0.0.0.0/0" here approves every subnet route and no exit node. [Approve their exit nodes too]', []])
  expect(withFix(text, problem)).toContain('"exitNode": ["autogroup:admin"]}')
  expect(lint(withFix(text, problem), { nodes: [ann, bob] })).toEqual([])
})

test('tags that nobody owns, with the reason, and circles of owners', () => {
  const text = `{"groups": {"group:none": []}, "tagOwners": {
    "tag:a": [], "tag:b": ["carl@example.com"], "tag:c": ["tag:d"], "tag:d": ["tag:c", "group:none"], "tag:e": ["bob@example.com"], "tag:f": ["tag:e"]
  }}`
  const problems = lint(text, { nodes: [], people })
  expect(problems.filter(({ code }) => code === 'tag-unowned').map(({ message }) => message)).toEqual([
    'Nobody owns "tag:a". Only the owner and admins may give it.',
    'Nobody owns "tag:b": carl@example.com is nobody. Only the owner and admins may give it.',
    'Nobody owns "tag:c": tag:d is nobody. Only the owner and admins may give it.',
    'Nobody owns "tag:d": tag:c and group:none are nobody. Only the owner and admins may give it.',
  ])
  const [first] = problems
  if (first === undefined) throw new Error('expected a problem')
  expect(withFix(text, first)).toContain('"tag:a": ["autogroup:admin"], "tag:b"')
})

test('a removed grant takes the comment above it and its line with it', () => {
  const text = `{"grants": [
  // Everything.
  {"src": ["*"], "dst": ["*"], "ip": ["*"]},

  // Not needed,
  // by now.
  {"src": ["*"], "dst": ["*"], "ip": ["22"]}, // really
  // The last.
  {"src": ["*"], "dst": ["100.64.1.1"], "ip": ["gre:*"]},
]}`
  const shadowed = lint(text, { nodes: [ann, bob] }).find(({ code }) => code === 'shadowed')
  if (shadowed === undefined) throw new Error('expected a shadowed grant')
  expect(withFix(text, shadowed)).toBe(`{"grants": [
  // Everything.
  {"src": ["*"], "dst": ["*"], "ip": ["*"]},

  // The last.
  {"src": ["*"], "dst": ["100.64.1.1"], "ip": ["gre:*"]},
]}`)
})

test('through routers nobody relays: a relay that only such a grant names is nobody’s', () => {
  const text = document(everybody, '{"src": ["*"], "dst": ["tag:relay"], "via": ["tag:gw"], "app": {"tailscale.com/cap/relay": [{}]}}')
  expect(lint(text, { nodes: [ann, gw, relay], people }).map(({ code }) => code)).toEqual(['unused-relay', 'via-nothing'])
})

test('chains of owners are as long as a document, and circles own nothing', () => {
  const count = 20_000
  const chain = (last: readonly string[]): string => JSON.stringify({ tagOwners: Object.fromEntries(Array.from({ length: count }, (_, at) => [`tag:t${at}`, at === count - 1 ? last : [`tag:t${at + 1}`]])), grants: [] })
  expect(lint(chain(['ann@example.com']), { nodes: [], people })).toEqual([])
  expect(lint(chain(['tag:t0']), { nodes: [], people })).toHaveLength(200)
})

test('an acl of very many destinations costs what they are, not their square', () => {
  const dst = Array.from({ length: 20_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}:1`)
  expect(lint(JSON.stringify({ acls: [{ action: 'accept', src: ['*'], dst }] }), { nodes: [ann], people })).toHaveLength(200)
})

test('what is said is bounded', () => {
  const text = document(...Array.from({ length: 500 }, (_, at) => ipGrant(`"10.0.${at >> 8}.${at & 255}"`, '"*"')))
  expect(lint(text, { nodes: [ann, bob], people })).toHaveLength(200)
})
