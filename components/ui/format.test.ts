import { expect, test } from 'vitest'
import { byteParts, formatLargeCount, formatRate, formatShare, plural } from './format.ts'
import { duration, exactTime, relative, shortTime } from './time.ts'

test.each([
  [0, '0 Mbit/s'],
  [812, '812 bit/s'],
  [8_120, '8 kbit/s'],
  [999_400, '999 kbit/s'],
  [999_600, '1.00 Mbit/s'],
  [4_180_000, '4.18 Mbit/s'],
  [96_100_000, '96.1 Mbit/s'],
  [412_400_000, '412 Mbit/s'],
  [999_700_000, '1.00 Gbit/s'],
  [1_090_000_000, '1.09 Gbit/s'],
])('a rate of %d bit/s reads %s', (bits, text) => {
  expect(formatRate(bits)).toBe(text)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '2 KiB'],
  [5 * 1024 ** 2, '5.00 MiB'],
  [14.9 * 1024 ** 3, '14.9 GiB'],
])('%d bytes read %s', (bytes, text) => {
  const { value, unit } = byteParts(bytes)
  expect(`${value} ${unit}`).toBe(text)
})

test('a share never hides what happened', () => {
  expect(formatShare(0, 100)).toBe('0')
  expect(formatShare(1, 1e9)).toBe('<0.01')
  expect(formatShare(999_999, 1_000_000)).toBe('99.9')
  expect(formatShare(5, 5)).toBe('100.0')
  expect(formatLargeCount(142_000_000)).toBe('142 M')
  expect(formatLargeCount(11_840)).toBe('11,840')
  expect(plural(1, 'session')).toBe('1 session')
  expect(plural(1400, 'session')).toBe('1,400 sessions')
})

test('times: how long, since when, exactly', () => {
  const now = Date.UTC(2026, 4, 12, 12, 31)
  expect(duration(48_000)).toBe('48 s')
  expect(duration(3 * 3_600_000 + 11 * 60_000)).toBe('3 h 11 min')
  expect(duration(2 * 3_600_000)).toBe('2 h')
  expect(relative(now - 4000, now)).toBe('now')
  expect(relative(now - 29 * 60_000, now)).toBe('29 min ago')
  expect(relative(now + 6.4 * 86_400_000, now)).toBe('in 6 d')
  expect(relative(now + 7 * 86_400_000 - 60_000, now)).toBe('in 7 d')
  expect(shortTime(now - 3_600_000, now, 'Europe/Prague')).toBe('13:31')
  expect(shortTime(now - 3 * 86_400_000, now, 'Europe/Prague')).toBe('9 May')
  expect(exactTime(now, 'UTC')).toBe('12 May 2026, 12:31:00 UTC')
})
