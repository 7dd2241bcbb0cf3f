import { expect, test } from 'vitest'
import { attributeDifferences } from './attributes.ts'

const anyway = { 'default-auto-update': [false], 'https://tailscale.com/cap/is-owner': null }

test('only what a policy can give counts, in both directions', () => {
  expect(attributeDifferences(new Set(['funnel']), { ...anyway, funnel: null, 'of-the-vendor': null }, new Set(['funnel']))).toEqual([])
  expect(attributeDifferences(new Set(), { ...anyway, funnel: null }, new Set(['funnel']))).toEqual(['attributes missing: funnel'])
  expect(attributeDifferences(new Set(['funnel']), anyway, new Set(['funnel']))).toEqual(['attributes too many: funnel'])
})

test('what every node is sent anyway may be given too', () => {
  const name = 'https://tailscale.com/cap/is-owner'
  expect(attributeDifferences(new Set(), anyway, new Set([name]))).toEqual([])
  expect(attributeDifferences(new Set([name]), anyway, new Set([name]))).toEqual([])
  expect(attributeDifferences(new Set([name]), {}, new Set([name]))).toEqual([`attributes too many: ${name}`])
})
