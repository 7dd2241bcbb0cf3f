import { expect, test } from 'vitest'
import { readNetworkFile } from './network-file.ts'

const read = (value: unknown) => readNetworkFile(JSON.stringify(value))
const node = { name: 'lock-1', addresses: ['100.64.0.1'] }

test('a network is read, with numbers by place and roles from people', () => {
  const file = {
    people: [{ email: 'ann@example.com', role: 'owner' }, { email: 'bob@example.com' }],
    nodes: [
      { name: 'a', owner: 'Ann@example.com', addresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'], capVersion: 120, kind: 'client' },
      { name: 'r', tags: ['tag:relay'], addresses: ['100.64.0.2'], routes: ['10.1.2.3/8'], relay: true, somethingElse: 1 },
    ],
  }
  expect(read(file)).toEqual({
    ok: true,
    network: {
      people: file.people,
      nodes: [
        { id: 1, name: 'a', tags: [], addresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'], routes: [], owner: 'Ann@example.com', ownerRole: 'owner', capVersion: 120, kind: 'client' },
        { id: 2, name: 'r', tags: ['tag:relay'], addresses: ['100.64.0.2'], routes: ['10.0.0.0/8'], isRelay: true },
      ],
    },
  })
})

test('what is wrong is said by its place', () => {
  const problems = (value: unknown) => { const found = read(value); return found.ok ? [] : found.problems }
  expect(problems({ people: [], nodes: [{ ...node, addresses: ['100.64.0'] }, { ...node, routes: ['10.0.0.0'] }] })).toEqual([
    'nodes.0.addresses.0: "100.64.0" is no IPv4 or IPv6 address', 'nodes.1.routes.0: "10.0.0.0" is no prefix such as 10.0.0.0/24',
  ])
  expect(problems({ people: [], nodes: [node, { ...node, name: 'LOCK-1' }] })).toEqual(['nodes.1.name: another machine is called "LOCK-1" too'])
  expect(problems({ nodes: [{ ...node, addresses: [] }] }).map((line) => line.split(':')[0])).toEqual(['people', 'nodes.0.addresses'])
  expect(problems(5)).toHaveLength(1)
  expect(readNetworkFile('{')).toMatchObject({ ok: false, problems: [expect.stringMatching(/^not JSON: /)] })
})
