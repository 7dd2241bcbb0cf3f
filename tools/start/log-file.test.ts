import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { lines, LogFile, withoutRepeats, worthShowing } from './log-file.ts'

test.each([
  ['', undefined],
  ['{"level":30,"msg":"ready"}', undefined],
  ['{"level":40,"msg":"slow"}', 'slow'],
  ['{"level":50,"msg":"failed","err":{"message":"no disk"}}', 'failed: no disk'],
  ['{"level":50}', '{"level":50}'],
  ['Error: out of memory', 'Error: out of memory'],
])('%s', (line, shown) => expect(worthShowing(line)).toBe(shown))

test('lines come whole, however they arrive', () => {
  const got: string[] = []
  const take = lines((line) => got.push(line))
  for (const chunk of ['a', 'b\nc', '\n\nd']) take(chunk)
  expect(got).toEqual(['ab', 'c', ''])
  take('x'.repeat(70_000))
  expect(got.at(-1)).toHaveLength(70_001)
})

test('the same line again within a minute is not shown again', () => {
  const got: string[] = []
  let now = 0
  const show = withoutRepeats((line) => got.push(line), () => now)
  show('a')
  show('a')
  show('b')
  now = 60_000
  show('a')
  expect(got).toEqual(['a', 'b', 'a'])
})

test('a file of 10 MB makes room and keeps the one before', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-log-'))
  const file = path.join(folder, 'x.log')
  const log = new LogFile(file)
  for (let megabyte = 0; megabyte < 10; megabyte++) log.write('x'.repeat(1 << 20))
  log.write('first of the next\n')
  log.close()
  expect(readFileSync(file, 'utf8')).toBe('first of the next\n')
  expect(statSync(`${file}.1`).size).toBe(10 << 20)
  rmSync(folder, { recursive: true })
})
