import { expect, test } from 'vitest'
import { compilePolicy } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { parsePolicy } from '../parse.ts'
import { createPolicyIndex } from './policy-index.ts'

const node = (id: number, name: string, more: Partial<PolicyNode>): PolicyNode =>
  ({ id, name, tags: [], addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::1${String(id).padStart(2, '0')}`], ...more })
const ann = { owner: 'ann@example.com', ownerRole: 'owner' } as const
const a1 = node(1, 'a1', ann)
const a2 = node(2, 'a2', ann)
const b1 = node(3, 'b1', { owner: 'bob@example.com' })
const r1 = node(9, 'r1', { tags: ['tag:relay'] })
const g1 = node(20, 'g1', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] })
const g2 = node(21, 'g2', { tags: ['tag:other'], routes: ['10.9.0.0/16', '0.0.0.0/0', '::/0'] })

const documents: readonly (readonly [string, object, readonly PolicyNode[]])[] = [
  ['relay-and-route', { grants: [
    { src: ['ann@example.com'], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [{ maxSessions: 20 }] } },
    { src: ['*'], dst: ['10.9.0.0/16'], ip: ['tcp:443'] },
  ] }, [a1, r1, g1]],
  ['self', { acls: [
    { action: 'accept', src: ['*'], dst: ['autogroup:self:22'] },
    { action: 'accept', proto: 'icmp', src: ['bob@example.com'], dst: ['tag:relay:*'] },
  ] }, [a1, a2, b1, r1]],
  ['via', { grants: [
    { src: ['ann@example.com'], dst: ['10.9.1.0/24', 'autogroup:internet'], via: ['tag:gw'], ip: ['tcp:443'] },
    { src: ['bob@example.com'], dst: ['autogroup:internet'], via: ['tag:other'], ip: ['*'] },
    { src: ['bob@example.com'], dst: ['10.0.0.0/8'], via: ['tag:gw'], app: { 'example.com/cap/x': [] } },
  ] }, [a1, b1, g1, g2]],
  ['sets', { ipsets: { 'ipset:lan': ['add 10.9.0.0/16', 'remove 10.9.0.0/17', 'add 100.64.1.9'] }, grants: [
    { src: ['autogroup:danger-all'], dst: ['ipset:lan'], ip: ['tcp:80,443'] },
    { src: ['ipset:lan'], dst: ['100.64.1.1-100.64.1.2'], ip: ['udp:53'] },
  ] }, [a1, a2, r1, g1]],
]

test.each(documents)('%s', async (name, document, nodes) => {
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:relay': [], 'tag:gw': [], 'tag:other': [] }, ...document }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  const index = createPolicyIndex(compilePolicy(parsed.policy), { companions: 'all' })
  for (const one of nodes) index.upsert(one)
  const names = new Map(nodes.map((one) => [one.id, one.name]))
  const lines = nodes.flatMap((one) => [
    `${one.name} sees ${index.peers(one.id).map((id) => names.get(id)).join(', ') || 'nobody'}`, ...index.rules(one.id).map((rule) => `  ${JSON.stringify(rule)}`),
  ])
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/${name}.txt`)
})
