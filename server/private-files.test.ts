import type fs from 'node:fs'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { readPrivate, writePrivate } from './private-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'towpath-private-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

vi.mock('node:fs', async (original) => {
  const actual = await original<typeof fs>()
  // A disk that takes seven bytes a call.
  return { ...actual, writeSync: (file: number, bytes: Uint8Array, at = 0) => actual.writeSync(file, bytes, at, Math.min(7, bytes.length - at)) }
})

test('a file is whole though the system takes it piece by piece, and its owner’s alone', () => {
  const file = join(folder, 'deep', 'key')
  const text = 'a text longer than seven bytes, with “signs” of several bytes'
  writePrivate(file, text)
  expect(readPrivate(file)).toBe(text)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readPrivate(join(folder, 'none'))).toBeUndefined()
})
