import { expect, test } from 'vitest'
import { compilePolicy, formatIpEntry, parsePolicy, relayUsers, type PolicyNode } from './index.ts'

const node = (id: number, name: string, part: Partial<PolicyNode> = {}): PolicyNode => ({ id, name, addresses: [`100.64.0.${id}`, `fd7a::${id}`], tags: [], ...part })
const relay = node(1, 'lock-1', { tags: ['tag:relay'] })
const clients = [relay, node(2, 'ann', { owner: 'ann@example.com' }), node(3, 'ci', { tags: ['tag:ci'] }), node(4, 'bob', { owner: 'bob@example.com' })]

function parse(text: string) {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return parsed.policy
}

test('who may use a relay, by each selector in the order of the document; never itself', () => {
  const compiled = compilePolicy(parse(`{
    "groups": {"group:ops": ["ann@example.com"]},
    "tagOwners": {"tag:relay": [], "tag:ci": []},
    "grants": [
      {"src": ["*"], "dst": ["*"], "ip": ["*"]},
      {"src": ["group:ops",
               "tag:ci"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},
      {"src": ["*"], "dst": ["tag:ci"], "app": {"tailscale.com/cap/relay": [{}]}},
      {"src": ["fd7a::4"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},
      {"src": ["100.64.0.4", "bob@example.com"], "dst": ["100.64.0.1"], "app": {"tailscale.com/cap/relay": [{}]}},
    ],
  }`))
  expect(relayUsers(compiled, clients, relay).map(({ selector, line, nodes }) => [selector, line, nodes.map(({ name }) => name).join()])).toEqual([
    ['group:ops', 6, 'ann'],
    ['tag:ci', 7, 'ci'],
    // Only the first address of each is looked at.
    ['fd7a::4', 9, ''],
    ['100.64.0.4', 10, 'bob'],
    ['bob@example.com', 10, 'bob'],
  ])
})

test.each(['*', '443', '80-443', '22,80-443', 'tcp:443', 'udp:*', 'icmp:*', 'gre:*', '200:*', 'sctp:5000-6000'])('ports written as %s read the same', (text) => {
  const [grant] = parse(`{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["${text}"]}]}`).grants ?? []
  expect(grant?.ip.map(formatIpEntry)).toEqual([text])
})
