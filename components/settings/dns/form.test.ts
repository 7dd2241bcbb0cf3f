import { expect, test } from 'vitest'
import { formOf, inputOf, isChanged, nextKey, placeOf, type DnsForm } from './form.ts'

const saved = {
  domain: 'net.example', magicDns: true, searchDomains: ['corp.example'], resolvers: ['9.9.9.9', '1.1.1.1'],
  routes: [{ suffix: 'corp.example', resolvers: ['10.0.0.53', '10.0.0.54'] }], records: [{ name: 'nas.net.example', type: 'A' as const, value: '10.0.0.9' }],
}
const form = formOf(saved)
const withRows: DnsForm = { ...form, routes: [{ key: 4, suffix: ' ', resolvers: '' }, { key: 5, suffix: 'a.example', resolvers: '' }], records: [{ key: 2, name: '', value: '10.0.0.1' }] }

test('what is shown is what was saved, and nothing is changed yet', () => {
  expect(isChanged(form, saved)).toBe(false)
  expect(inputOf(form)).toEqual({ ...saved, records: [{ name: 'nas.net.example', value: '10.0.0.9' }] })
  expect(isChanged({ ...form, resolvers: ' 9.9.9.9,\n\n1.1.1.1 ' }, saved)).toBe(false)
  expect(isChanged({ ...form, resolvers: '9.9.9.9' }, saved)).toBe(true)
})

test('rows with nothing in them are not sent, and a problem is shown at the row that it is of', () => {
  expect(inputOf(withRows)).toMatchObject({ routes: [{ suffix: 'a.example', resolvers: [] }], records: [{ name: '', value: '10.0.0.1' }] })
  expect(['routes.0.resolvers', 'routes.0.suffix', 'records.0.name', 'records.9.name', 'resolvers.1', 'domain', 'other', undefined].map((path) => placeOf(path, withRows)))
    .toEqual(['routes.5.resolvers', 'routes.5.suffix', 'records.2.name', undefined, 'resolvers', 'domain', undefined, undefined])
  expect([nextKey([]), nextKey(withRows.routes)]).toEqual([0, 6])
})
