import { expect, test } from 'vitest'
import { compilePolicy, parsePolicy } from '../policy/index.ts'
import { relayLimits } from './relay-limits.ts'

const machine = (id: number, more: { tags?: string[]; owner?: string }) => ({ id, name: `m${id}`, addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::1${id}`], tags: [], ...more })
const relay = machine(9, { tags: ['tag:relay'] })
const clients = [machine(1, { owner: 'ann@example.com' }), machine(2, { owner: 'bob@example.com' }), machine(3, { tags: ['tag:ci'] }), machine(4, { owner: 'cyd@example.com' })]

function limits(...grants: readonly [src: string, value: object][]) {
  const parsed = parsePolicy(JSON.stringify({
    tagOwners: { 'tag:relay': [], 'tag:ci': [] },
    grants: grants.map(([src, value]) => ({ src: [src], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [value] } })),
  }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return relayLimits(compilePolicy(parsed.policy), relay, clients)
}

test('clients with the same limits share an entry; those without a limit, or without a grant, are in none', () => {
  expect(limits(['autogroup:member', { maxSessions: 2, maxRate: '50mbit' }], ['tag:ci', { family: 'ipv4' }], ['bob@example.com', {}])).toEqual([
    { clients: [1, 4], maxSessions: 2, maxRate: 50_000_000 }, { clients: [3], family: 'ipv4' },
  ])
})

test('where no grant limits anything there is no entry', () => {
  expect(limits(['*', { prefer: 3, quota: '1TiB/month' }])).toEqual([])
})
