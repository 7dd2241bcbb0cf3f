import { describe, expect, test } from 'vitest'
import { groupFrom, inGroup, isOfKind, kindFrom, matches, type Filterable } from './filter.ts'
import { machinesAnswer, machineState, removalConsequences } from './state.ts'
import { completions, normaliseTag, sameTags, tagProblem } from './tags.ts'

const machine: Filterable = {
  name: 'lock-1', hostname: 'fra-1.example', kind: 'agent', addresses: ['100.64.0.1', 'fd7a::1'], tags: ['tag:relay'], owner: null,
  os: 'Debian 12', version: '0.1.0', homeDerp: 'home', online: true, authorized: true, keyExpired: false, isRelay: true,
  exitNode: 'no', routesToApprove: 0,
}

describe('the filter', () => {
  test.each([
    ['', true], ['LOCK', true], ['tag:relay debian', true], ['100.64.0.1', true], ['lock windows', false], ['fra-1', true],
  ])('"%s" matches: %s', (filter, expected) => {
    expect(matches(machine, filter)).toBe(expected)
  })

  test('groups', () => {
    expect(inGroup(machine, 'offline')).toBe(false)
    expect(inGroup({ ...machine, authorized: false }, 'attention')).toBe(true)
    expect([inGroup(machine, 'attention'), inGroup({ ...machine, routesToApprove: 1 }, 'attention'), inGroup({ ...machine, exitNode: 'offered' }, 'attention')]).toEqual([false, true, true])
    expect([isOfKind(machine, 'any'), isOfKind(machine, 'agent'), isOfKind(machine, 'client'), kindFrom('client'), kindFrom('x')]).toEqual([true, true, false, 'client', 'any'])
    expect([groupFrom('relays'), groupFrom('other'), groupFrom(undefined)]).toEqual(['relays', 'all', 'all'])
  })
})

describe('a state in words', () => {
  const up = { online: true, authorized: true, keyExpired: false, lastSeen: new Date(0) }
  test.each([
    [up, 'Online'], [{ ...up, online: false }, 'Offline'], [{ ...up, online: false, lastSeen: null }, 'Never seen'],
    [{ ...up, keyExpired: true }, 'Key expired'], [{ ...up, keyExpired: true, authorized: false }, 'Waiting for approval'],
  ])('%o is %s', (state, word) => {
    expect(machineState(state).word).toBe(word)
  })

  test('the page answers in one sentence', () => {
    expect(machinesAnswer([up])).toEqual({ strong: '1 of 1 machine online.', rest: '' })
    expect(machinesAnswer([up, { ...up, online: false, authorized: false }, { ...up, keyExpired: true }]))
      .toEqual({ strong: '2 of 3 machines online,', rest: '1 offline, 1 waiting for approval, 1 with an expired key.' })
  })

  test('removing says what ends, more for a relay', () => {
    const plain = { name: 'a', isRelay: false, online: true, kind: 'client' as const, relays: [], reachCount: 0 }
    expect(removalConsequences(plain)).toHaveLength(2)
    expect(removalConsequences({ ...plain, isRelay: true, reachCount: 1 }).join(' ')).toMatch(/stops relaying.*1 machine loses/)
  })
})

describe('tags', () => {
  const known = ['tag:ci', 'tag:civic', 'tag:relay', 'tag:web-ci']

  test('complete from the policy, what begins so first, without those given', () => {
    expect(completions('ci', known, ['tag:civic'])).toEqual(['tag:ci', 'tag:web-ci'])
    expect(completions('tag:r', known, [])).toEqual(['tag:relay'])
    expect(completions('', known, [])).toEqual(known)
  })

  test('say why they cannot be given', () => {
    expect(tagProblem('tag:ci', known)).toBeUndefined()
    expect(tagProblem('tag:new', known)).toContain('"tagOwners"')
    expect(tagProblem('tag:9', known)).toContain('letter')
    expect([normaliseTag(' ci '), normaliseTag('tag:ci'), normaliseTag('')]).toEqual(['tag:ci', 'tag:ci', ''])
    expect([sameTags(['a', 'b'], ['b', 'a']), sameTags(['a'], ['b'])]).toEqual([true, false])
  })
})
