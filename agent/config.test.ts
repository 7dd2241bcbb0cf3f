import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DataFolder } from './config.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'towpath-agent-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

test('keeps its keys, readable by the owner alone, and leaves no temporary file', () => {
  const path = folder()
  expect(new DataFolder(path).keys()).toEqual(new DataFolder(path).keys())
  expect(statSync(join(path, 'keys.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(path)).toEqual(['keys.json'])
})

test('never replaces damaged keys, but starts without a damaged configuration', () => {
  const path = folder()
  writeFileSync(join(path, 'keys.json'), '{"machine":"12"}')
  writeFileSync(join(path, 'agent.json'), '{"revision":')
  expect(() => new DataFolder(path).keys()).toThrow(/damaged/)
  expect(new DataFolder(path).config()).toEqual({ revision: 0, skewMs: 0 })
})

test('remembers the configuration and the relay state', () => {
  const data = new DataFolder(folder())
  data.saveConfig({ revision: 3, skewMs: 5, server: 'http://x' })
  data.saveRelayState('{}')
  expect(data.config()).toEqual({ revision: 3, skewMs: 5, server: 'http://x' })
  expect(data.relayState()).toBe('{}')
})

test('what was set of forwarding: a value that this version does not know costs that one alone, a damaged file all', () => {
  const path = folder()
  const data = new DataFolder(path)
  expect(data.forwarding()).toEqual({})
  data.saveForwarding({ dataPlane: 'dgram', workers: undefined, sessionRate: 5000 })
  expect(data.forwarding()).toEqual({ dataPlane: 'dgram', sessionRate: 5000 })
  writeFileSync(join(path, 'forwarding.json'), '{"dataPlane":"light","workers":0,"sessionRate":5000}')
  expect(data.forwarding()).toEqual({ sessionRate: 5000 })
  writeFileSync(join(path, 'forwarding.json'), '{"dataPlane"')
  expect(data.forwarding()).toEqual({})
})

/** A mount of one's own needs a kernel that lets this user have it. */
const mayMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /tmp']).status === 0

test.skipIf(!mayMount)('on a place that may only be read it says so', () => {
  const path = folder()
  const main = join(import.meta.dirname, 'main.ts')
  const run = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o ro none "$0" && exec "$@"', path, process.execPath, '--import', 'tsx', main, 'run', '--data', join(path, 'a', 'b')], { encoding: 'utf8' })
  expect([run.status, run.stderr]).toEqual([1, `Cannot write in the data folder ${join(path, 'a', 'b')} (EROFS): give --data a folder that this user may write\n`])
})
