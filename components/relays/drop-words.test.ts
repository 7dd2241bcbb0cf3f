import { expect, test } from 'vitest'
import { allocationReasons, datagramReasons } from '../../agent/relay/reasons.ts'
import { dropAdvice, dropWords } from './drop-words.ts'

/** Of the data plane (agent/telemetry/reporter.ts). */
const planeReasons = ['congestion', 'receive-buffer', 'control-flood', 'rate-limit', 'fair-share', 'socket-error']

test('every reason of the relay has words of its own', () => {
  const said = [...datagramReasons, ...allocationReasons, ...planeReasons].map(dropWords)
  expect(new Set(said).size).toBe(said.length)
  expect(said.filter((text) => !/^[A-Z]/.test(text))).toEqual([])
  expect(planeReasons.filter((reason) => dropWords(reason) === reason.replaceAll('-', ' '))).toEqual([])
  expect(dropWords('of-a-later-agent')).toBe('of a later agent')
})

test('a receive buffer that was full is to be raised, unless it has all that was asked for', () => {
  const asked = 4 << 20
  expect(dropAdvice('receive-buffer', { asked, receive: 212_992, send: asked })).toContain('net.core.rmem_max')
  expect(dropAdvice('receive-buffer', { asked, receive: asked, send: 212_992 })).toContain('too slow')
  expect(dropAdvice('receive-buffer', null)).toContain('net.core.rmem_max')
  expect(dropAdvice('congestion', null)).toBeUndefined()
})
