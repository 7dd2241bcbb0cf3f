import { expect, test } from 'vitest'
import { fieldOf, readForm } from './edit-model.ts'

const form = { port: '40000', staticEndpoints: '203.0.113.18:40000\n[2001:db8::18]:40000', region: ' fra ', maxEndpoints: '65536', handshakesPerSecond: '50' }

test('what is typed, as the server takes it', () => {
  expect(readForm(form)).toEqual({ input: { port: 40_000, staticEndpoints: ['203.0.113.18:40000', '[2001:db8::18]:40000'], region: 'fra', maxEndpoints: 65_536, handshakesPerSecond: 50 } })
})

test.each([
  [{ port: '400000' }, 'port'],
  [{ port: '' }, 'port'],
  [{ port: '4e3' }, 'port'],
  [{ staticEndpoints: '203.0.113.18' }, 'staticEndpoints'],
  [{ staticEndpoints: Array.from({ length: 17 }, (_, index) => `192.0.2.${index + 1}:1`).join(' ') }, 'staticEndpoints'],
  [{ maxEndpoints: '0' }, 'maxEndpoints'],
  [{ handshakesPerSecond: '-1' }, 'handshakesPerSecond'],
  [{ region: 'x'.repeat(41) }, 'region'],
])('%j is wrong at %s', (change, field) => {
  const read = readForm({ ...form, ...change })
  expect('errors' in read ? Object.keys(read.errors) : []).toEqual([field])
})

test('the server names a field, or none of these', () => {
  expect(fieldOf('staticEndpoints.0')).toBe('staticEndpoints')
  expect(fieldOf('name')).toBeUndefined()
  expect(fieldOf(undefined)).toBeUndefined()
})
