import { expect, test } from 'vitest'
import { namesIn } from './name-end.ts'

test('a short disco key names its machine; one that several have, or nobody, names none', () => {
  const shared = 'a'.repeat(16)
  const nameEnd = namesIn([
    { id: 1, discoKey: `discokey:${'1'.repeat(64)}` }, { id: 2, discoKey: `discokey:${shared}${'2'.repeat(48)}` }, { id: 3, discoKey: `discokey:${shared}${'3'.repeat(48)}` },
    { id: 4, discoKey: '' },
  ])
  expect(['1'.repeat(16), shared, '9'.repeat(16)].map(nameEnd)).toEqual([1, undefined, undefined])
})
