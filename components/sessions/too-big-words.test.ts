import { expect, test } from 'vitest'
import { tooBigWords } from './too-big-words.ts'

const session = { a: { id: 1, name: 'desk' }, b: { id: 2, name: 'nas' }, relayName: 'lock-1', tooBigFromA: 0, tooBigFromB: 0 }

test('a session without such packets says nothing', () => {
  expect(tooBigWords(session)).toBeUndefined()
})

test('each direction has its own sentence; the advice names the way’s end, and the machine that sends', () => {
  const one = tooBigWords({ ...session, tooBigFromA: 1204 })
  expect(one?.what).toEqual(['1,204 packets from desk were larger than the way to nas takes; they went on in fragments.'])
  expect(one?.advice).toContain('from lock-1 to nas: 1,368 bytes')
  expect(one?.advice).toMatch(/ on desk, [^.]*:$/)
  expect(one?.command).toBe('sudo ip link set tailscale0 mtu 1200')
  const both = tooBigWords({ ...session, tooBigFromA: 2, tooBigFromB: 1 })
  expect(both?.what[1]).toBe('1 packet from nas was larger than the way to desk takes; it went on in fragments.')
  expect(both?.advice).toContain('from lock-1 to nas and desk')
})
