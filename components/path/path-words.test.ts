import { expect, test } from 'vitest'
import { latencyWords, whyNotAsked } from './path-words.ts'

test.each([[0.04, '0.0 ms'], [0.6, '0.6 ms'], [9.94, '9.9 ms'], [12.5, '13 ms'], [240, '240 ms']])('%d ms reads %s', (ms, words) => {
  expect(latencyWords(ms)).toBe(words)
})

test('only a stock client that is online is asked; each other says why not', () => {
  expect(whyNotAsked({ name: 'laptop', kind: 'client', online: true })).toBeNull()
  expect(whyNotAsked({ name: 'laptop', kind: 'client', online: false })).toContain('offline')
  expect(whyNotAsked({ name: 'lock-1', kind: 'agent', online: true })).toContain('agent')
  expect(whyNotAsked({ name: 'sim-1', kind: 'simulated', online: true })).toContain('simulated')
})
