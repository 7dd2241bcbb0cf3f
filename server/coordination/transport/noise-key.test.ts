import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { openNoiseKey } from './noise-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'towpath-noise-key-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the key stays, is its owner’s alone, and a damaged one is not replaced', () => {
  const key = openNoiseKey(folder, randomBytes)
  const file = join(folder, 'coordination', 'noise.key')
  expect([openNoiseKey(folder, randomBytes), statSync(file).mode & 0o777]).toEqual([key, 0o600])
  writeFileSync(file, 'gone')
  expect(() => openNoiseKey(folder, randomBytes)).toThrow(/noise\.key is damaged: .*every running client has to be restarted/)
})
