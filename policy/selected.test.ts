import { expect, test } from 'vitest'
import { parsePolicy } from './parse.ts'
import { selectedBy, selectorNamed } from './selected.ts'

const { policy } = parsePolicy('{"groups": {"group:ops": ["ann@example.com"]}, "tagOwners": {"tag:web": []}, "hosts": {"office": "10.1.0.0/16"}, "ipsets": {"ipset:all": ["add office"]}, "grants": []}')
if (policy === undefined) throw new Error('the text is right')

const nodes = [
  { id: 1, name: 'barge', addresses: ['100.64.0.1'], tags: [], owner: 'ann@example.com', routes: ['10.1.2.0/24'] },
  { id: 2, name: 'web', addresses: ['100.64.0.2'], tags: ['tag:web'] },
]

test.each([
  ['*', ['barge', 'web'], []],
  ['group:ops', ['barge'], []],
  ['tag:web', ['web'], []],
  ['100.64.0.2', ['web'], []],
  ['office', [], ['barge']],
  ['ipset:all', [], ['barge']],
  ['autogroup:self', [], []],
])('%s is %j, and lies behind %j', (text, own, behind) => {
  const selector = selectorNamed(text, policy)
  if (selector === undefined) throw new Error(`${text} is defined`)
  const found = selectedBy(policy, [selector, { kind: 'any' }], nodes)(selector)
  expect({ own: found.own.map(({ name }) => name), behind: found.behind.map(({ name }) => name) }).toEqual({ own, behind })
})

test('of what was not asked it is nobody', () => {
  expect(selectedBy(policy, [], nodes)({ kind: 'any' })).toEqual({ own: [], behind: [] })
})

test.each(['', 'group:dev', 'tag:db', 'printer', 'ipset:some', 'autogroup:nobody'])('"%s" names nothing', (text) => {
  expect(selectorNamed(text, policy)).toBeUndefined()
})
