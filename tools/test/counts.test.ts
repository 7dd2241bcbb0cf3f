import { expect, test } from 'vitest'
import { closingLine } from './counts.ts'

test('adds the steps up', () => {
  const results = [{ passed: 1, failed: 0, skipped: 0 }, { passed: 40, failed: 0, skipped: 2 }]
  expect(closingLine(results)).toEqual({ line: '41 passed, 0 failed, 2 skipped', status: 0 })
})

test('one failure fails the run', () => {
  expect(closingLine([{ passed: 9, failed: 1, skipped: 0 }]).status).toBe(1)
})

test('a run in which nothing passed is no success', () => {
  expect(closingLine([{ passed: 0, failed: 0, skipped: 3 }]).status).toBe(1)
})
