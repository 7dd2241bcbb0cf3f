import { expect, test } from 'vitest'
import { compilePolicy, parsePolicy, relayUsers } from '../../../policy/index.ts'
import { longest, TimesOfBoth } from './measured.ts'
import { benchPolicy, tags } from './policy.ts'

test('ours stands beside the stock relay, round by round; what the stock relay has no time of stands alone', () => {
  const times = new TimesOfBoth()
  for (const [ours, stock] of [[1, 4], [2, 4], [6, 4]] as const) {
    times.add('stock', { gap: stock })
    times.add('ours', { gap: ours, other: 7 })
  }
  expect(times.figures()).toMatchObject([
    { name: 'gap, stock', value: 4, unit: 's' },
    { name: 'gap, ours', value: 2, against: 'gap, stock', ratio: 0.5 },
    { name: 'other, ours', value: 7 },
  ])
  expect(longest(times.of('ours', 'gap'))).toBe(6)
})

test('under the bench’s policy each kind of client has its own relay and the spare one', () => {
  const parsed = parsePolicy(benchPolicy())
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  const nodes = Object.entries(tags).map(([name, tag], i) => ({ id: i + 1, name, addresses: [`100.64.0.${i + 1}`], tags: [tag] }))
  const usersOf = (name: string): string[] => {
    const relay = nodes.find((node) => node.name === name)
    return relay ? relayUsers(compilePolicy(parsed.policy), nodes, relay).flatMap((user) => user.nodes.map((node) => node.name)) : []
  }
  expect(usersOf('ourRelay')).toEqual(['ours'])
  expect(usersOf('stockRelay')).toEqual(['stock'])
  expect(usersOf('spareRelay')).toEqual(['ours', 'stock'])
})
