import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockHolder, takeOwnerLock } from './owner-lock.ts'
import { identify } from './process-identity.ts'

let folder: string
const file = (): string => path.join(folder, 'towpath.lock')

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'towpath-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a second owner is refused and told who has it, until the first lets go', () => {
  const lock = takeOwnerLock(folder)
  expect(() => takeOwnerLock(folder)).toThrow(`${folder} is in use by another Towpath (process ${process.pid}): stop it, or give --data another folder`)
  expect(lockHolder(folder)?.pid).toBe(process.pid)
  lock.release()
  expect(lockHolder(folder)).toBeUndefined()
  takeOwnerLock(folder).release()
  expect(readdirSync(folder)).toEqual([])
})

test('what a killed process, a reused number or a damaged file left stops nobody', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const identity = identify(child.pid ?? -1)
  writeFileSync(file(), JSON.stringify(identity))
  expect(() => takeOwnerLock(folder)).toThrow(`(process ${identity.pid})`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  takeOwnerLock(folder).release()

  writeFileSync(file(), JSON.stringify({ pid: process.pid, started: '1' }))
  takeOwnerLock(folder).release()
  writeFileSync(file(), '{"pid":')
  takeOwnerLock(folder).release()
})

test('of several processes that start at once over a stale lock, one gets it', () => {
  const { pid = -1 } = spawnSync('true')
  writeFileSync(file(), JSON.stringify({ pid, started: '1' }))
  const script = `
    const { takeOwnerLock } = await import(${JSON.stringify(path.join(import.meta.dirname, 'owner-lock.ts'))})
    try { takeOwnerLock(${JSON.stringify(folder)}); console.log('owner'); setTimeout(() => {}, 2500) } catch { console.log('refused') }`
  const shell = Array.from({ length: 4 }, () => `"$1" --import tsx --input-type=module -e "$2" &`).join('\n')
  const run = spawnSync('/bin/sh', ['-c', `${shell}\nwait`, 'sh', process.execPath, script], { cwd: path.resolve(import.meta.dirname, '../..'), encoding: 'utf8' })
  expect(run.stdout.trim().split('\n').sort()).toEqual(['owner', 'refused', 'refused', 'refused'])
})
