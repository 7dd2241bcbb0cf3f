import { describe, expect, test } from 'vitest'
import { groupByDay } from './days.ts'
import { splitAtName, targetHref, whoDidWhat } from './target.ts'
import { changesOf, type Change } from './words.ts'

/** A value that was not there leaves its side out. */
function changeText({ label, before, after }: Change): string {
  if (before === null) return `${label} ${after ?? 'none'}`
  return after === null ? `${label} ${before} → none` : `${label} ${before} → ${after}`
}

describe('before and after in words', () => {
  test.each([
    ['a switch', { advertised: false }, { advertised: true }, ['wanted off → on']],
    ['a port, without thousands', { port: 40000 }, { port: 40001 }, ['UDP port 40000 → 40001']],
    ['a port asked for, too', null, { requestedPort: 40034 }, ['requested port 40034']],
    ['a limit, with thousands', { maxEndpoints: 65536 }, { maxEndpoints: 4096 }, ['endpoint limit 65,536 → 4,096']],
    ['lists', { tags: [] }, { tags: ['tag:relay', 'tag:ci'] }, ['tags none → tag:relay, tag:ci']],
    ['what was made', null, { name: 'lock-1', reusable: true }, ['name lock-1', 'reusable yes']],
    ['what was removed', { name: 'lock-1' }, null, ['name lock-1 → none']],
    ['only what differs', { name: 'a', region: 'ams' }, { name: 'b', region: 'ams' }, ['name a → b']],
    ['an unknown key, from its own name', { keyExpiry: null }, { keyExpiry: 'never' }, ['key expiry never']],
    ['an emptied text', { region: 'ams' }, { region: '' }, ['region ams → empty']],
    ['a time', null, { expiresAt: '2026-05-12T08:00:00.000Z' }, ['expires 2026-05-12 08:00 UTC']],
    ['nothing', null, null, []],
  ])('%s', (_, before, after, expected) => {
    expect(changesOf(before, after).map(changeText)).toEqual(expected)
  })

  test('a long value is cut', () => {
    expect(changesOf(null, { text: 'x'.repeat(5_000) })[0]?.after).toHaveLength(120)
  })
})

describe('entries by day', () => {
  const now = new Date('2026-05-12T08:00:00Z')
  const rows = ['2026-05-12T07:00:00Z', '2026-05-11T23:30:00Z', '2026-05-11T10:00:00Z', '2026-05-09T10:00:00Z', '2025-12-31T10:00:00Z'].map((at) => ({ at: new Date(at) }))

  test('in UTC', () => {
    expect(groupByDay(rows, now, 'UTC').map(({ title, rows: { length } }) => [title, length]))
      .toEqual([['Today', 1], ['Yesterday', 2], ['Saturday 9 May', 1], ['Wednesday 31 December 2025', 1]])
  })

  test('in a zone where an evening entry belongs to the next day', () => {
    expect(groupByDay(rows, now, 'Europe/Prague').map(({ key, rows: { length } }) => [key, length]).slice(0, 2)).toEqual([['2026-05-12', 2], ['2026-05-11', 1]])
  })
})

describe('what an entry is about', () => {
  test.each([
    ['node', '7', '/machines/7'], ['machine', '7', '/machines/7'], ['relay', '7', '/relays/7'], ['policy', '3', '/access?tool=versions&version=3'],
    ['auth-key', 'x', '/settings?tab=keys'], ['person', 'x', '/settings?tab=people'], ['network', 'settings', '/settings'], ['later', 'x', undefined],
  ])('a %s with the id %s is at %s', (kind, id, href) => {
    expect(targetHref({ kind, id })).toBe(href)
  })

  test('what was removed has no page any more', () => {
    expect(targetHref({ kind: 'machine', id: '7' }, 'machine.remove')).toBeUndefined()
  })

  test('a sentence that names its actor is not begun with the name again', () => {
    expect([whoDidWhat('Ann', 'turned on lock-1'), whoDidWhat('Ann', 'Ann joined as owner')]).toEqual(['Ann turned on lock-1', 'Ann joined as owner'])
  })

  test('the name in the sentence is where the link stands', () => {
    expect(splitAtName('turned on lock-1', 'lock-1')).toEqual(['turned on ', 'lock-1', ''])
    expect(splitAtName('saved the policy', 'version 3')).toBeUndefined()
    expect(splitAtName('did it', '')).toBeUndefined()
  })
})
