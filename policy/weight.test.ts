import { expect, test } from 'vitest'
import { compilePolicy } from './compile.ts'
import type { PolicyNode } from './model.ts'
import { createPolicyIndex } from './network/policy-index.ts'
import { parsePolicy } from './parse.ts'
import { weightProblem } from './weight.ts'

const nodes = Array.from({ length: 50 }, (_, i): PolicyNode => ({ id: i, name: `m${i}`, tags: [], owner: 'ann@example.com', addresses: [`100.64.2.${i}`, `fd7a:115c:a1e0::${i}`] }))

function problem(sources: readonly (readonly string[])[], most: number): string | undefined {
  const parsed = parsePolicy(JSON.stringify({ hosts: { box: '192.0.2.1' }, grants: sources.map((src) => ({ src, dst: ['*'], ip: ['*'] })) }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return weightProblem(compilePolicy(parsed.policy), nodes, most)
}

test('different lists of sources are counted, the same list once', () => {
  const ann = ['ann@example.com']
  expect(problem([ann, ann, ['*']], 110 * 32)).toBeUndefined()
  expect(problem([ann, [...ann, 'box']], 110 * 32)).toMatch(/^The sources of these grants would take 1 MB/)
  expect(problem([ann, [...ann, 'box']], 201 * 32)).toBeUndefined()
})

test.each([[['tag:a']], [['group:ops']], [['user:*@example.com']], [['ann@example.com', 'group:ops']], [['autogroup:member', '100.64.2.3']]])('of %j no more is counted than the lists hold', (src) => {
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:a': [] }, groups: { 'group:ops': ['ann@example.com', 'user:*@example.com'] }, grants: [{ src, dst: ['*'], ip: ['*'] }] }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  const compiled = compilePolicy(parsed.policy)
  const machines = nodes.map((node) => (node.id % 2 === 0 ? node : { ...node, tags: ['tag:a'] }))
  const index = createPolicyIndex(compiled)
  for (const node of machines) index.upsert(node)
  const bytes = index.listedAddresses() * 32
  expect(bytes).toBeGreaterThan(0)
  expect([weightProblem(compiled, machines, bytes), weightProblem(compiled, machines, bytes - 1)]).toEqual([undefined, expect.any(String)])
})

test('what is written out is counted before any list is made', () => {
  const ranges = Array.from({ length: 40_000 }, (_, i) => `add 10.${i >> 15}.${i >> 7 & 255}.${(i & 127) * 2}`)
  const parsed = parsePolicy(JSON.stringify({
    ipsets: { 'ipset:many': ranges },
    grants: Array.from({ length: 350 }, (_, i) => ({ src: ['ipset:many', `192.0.${i >> 8}.${i & 255}`], dst: ['*'], ip: ['*'] })),
  }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  const compiled = compilePolicy(parsed.policy)
  const started = performance.now()
  expect(weightProblem(compiled, nodes)).toMatch(/^The sources of these grants would take 449 MB, and 400 MB is the most/)
  expect(performance.now() - started).toBeLessThan(200)
})
