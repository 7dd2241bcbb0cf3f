import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { udpPortOwner } from './port-owner.ts'

const program = `const socket = require('dgram').createSocket('udp4')
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port))`

async function owner(...words: readonly string[]): Promise<string | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-port-'))
  writeFileSync(path.join(folder, 'holds.js'), program)
  const child = spawn(process.execPath, words.map((word) => word.replace('FOLDER', folder)), { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill()
    rmSync(folder, { recursive: true })
  })
  const [port] = await once(child.stdout.setEncoding('utf8'), 'data')
  const text = await udpPortOwner(Number(port))
  return text?.replace(`pid ${child.pid} `, 'pid N ')
}

test.skipIf(process.platform !== 'linux').each([
  [['FOLDER/holds.js', 'run', '--auth-key', 'secret'], 'pid N (node holds.js run)'],
  [['--no-warnings', 'FOLDER/holds.js', 'run', '--auth-key=secret'], 'pid N (node holds.js)'],
  [['FOLDER/holds.js', 'a'.repeat(99)], `pid N (node holds.js ${'a'.repeat(45)}…)`],
])('whoever has a port is named by its command, without folders and what options say: %j', async (words, expected) => {
  expect(await owner(...words)).toBe(expected)
})
