import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findServer, readOptions, UsageError } from './options.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function dataFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'simulate-'))
  folders.push(folder)
  mkdirSync(path.join(folder, 'keys'))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return folder
}

test('what is not given has its default', () => {
  expect(readOptions([])).toEqual({
    pairs: 2, bitsPerSecond: 5_000_000, size: 1280, durationMs: undefined, seed: undefined, direct: false, json: false, target: { data: 'data' },
  })
})

test('everything given', () => {
  const words = '--pairs 7 --rate 1.5Gbit --size 72 --duration 5m --seed 3 --direct --json --join https://relay.example --key K'.split(' ')
  expect(readOptions(words)).toEqual({
    pairs: 7, bitsPerSecond: 1_500_000_000, size: 72, durationMs: 300_000, seed: 3, direct: true, json: true, target: { join: 'https://relay.example', key: 'K' },
  })
  expect(readOptions(['--help'])).toBe('help')
})

test.each([
  ['--pairs 0', '--pairs 0: give a whole number from 1 to 200'],
  ['--pairs 1.5', '--pairs 1.5: give a whole number from 1 to 200'],
  ['--rate 5', '--rate 5: give a rate such as 500kbit, 5mbit or 1gbit'],
  ['--rate 5mb', '--rate 5mb: give a rate'],
  ['--rate 999bit', '--rate 999bit: give a rate'],
  ['--size 63', '--size 63: give a whole number from 64 to 9000'],
  ['--duration soon', '--duration soon: give a time such as 90s, 5m or 1h'],
  ['--seed -1', '--seed'],
  ['--speed 1', "Unknown option '--speed'"],
  ['--json=1', '--json'],
  ['more', "Unexpected argument 'more'"],
  ['--key K', '--key is for a control plane elsewhere'],
  ['--join http://a', '--join needs an auth key'],
  ['--join a:3000 --key K', '--join a:3000: give the address of the dashboard'],
])('%s is refused in one line', (line, text) => {
  const run = (): unknown => readOptions(line.split(' '))
  expect(run).toThrow(UsageError)
  expect(run).toThrow(text)
  expect(run).toThrow(/^[^\n]+$/)
})

test('finds the control plane of this machine, or says what is missing', () => {
  const data = dataFolder({ 'server.json': '{"url":"http://127.0.0.1:3000","pid":1}', 'keys/simulate.key': 'secret\n' })
  expect(findServer({ data })).toEqual({ server: 'http://127.0.0.1:3000', authKey: 'secret' })
  expect(findServer({ join: 'http://a', key: 'K' })).toEqual({ server: 'http://a', authKey: 'K' })
  expect(() => findServer({ data: dataFolder({}) })).toThrow('(server.json is not there): start it with npm start')
  expect(() => findServer({ data: dataFolder({ 'server.json': '{' }) })).toThrow('server.json does not read')
  expect(() => findServer({ data: dataFolder({ 'server.json': '{"url":"http://127.0.0.1:3000"}' }) })).toThrow('simulate.key is not there')
})
