import type { PolicyNode } from '../model.ts'
import { parsePolicy } from '../parse.ts'
import type { Known } from './known.ts'

/** A document with a name of each kind. */
export const document = `{
  "groups": {"group:eng": ["ann@example.com", "bob@example.com"], "group:ops": ["cy@example.org"]},
  "tagOwners": {"tag:relay": ["group:ops"], "tag:web": []},
  "hosts": {"printer": "100.64.0.9", "office": "10.1.0.0/16"},
  "grants": [{"src": ["group:eng"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [], "example.com/cap/x": []}}],
}`

function machine(id: number, name: string, rest: Partial<PolicyNode>): PolicyNode {
  return { id, name, addresses: [`100.64.0.${id}`, `fd7a:115c:a1e0::${id}`], tags: [], ...rest }
}

export const nodes: readonly PolicyNode[] = [
  machine(1, 'lock-1', { tags: ['tag:relay'] }),
  machine(2, 'lock-2', { tags: ['tag:relay'] }),
  machine(3, 'barge', { owner: 'ann@example.com', ownerRole: 'owner' }),
  machine(4, 'punt', { owner: 'bob@example.com', ownerRole: 'viewer', routes: ['10.1.2.0/24'] }),
  machine(9, 'printer-1', { owner: 'cy@example.org', ownerRole: 'admin' }),
]

export const people = [{ email: 'ann@example.com', name: 'Ann' }, { email: 'bob@example.com', name: 'Bob' }, { email: 'cy@example.org', name: 'Cy' }]

export function known(text = document): Known {
  return { nodes, people, policy: parsePolicy(text).policy }
}
