import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { build } from 'esbuild'
import { lockHolder, takeLock } from './lock.ts'

let folder = ''
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'towpath-lock-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const dead = JSON.stringify({ pid: 2 ** 22 + 1, started: '1', statusPort: 0 })

test('one has the folder until it lets go; nothing else is left in it', () => {
  const lock = takeLock(folder, writeFileSync)
  expect(readdirSync(folder)).toEqual(['agent.lock'])
  expect(() => takeLock(folder, writeFileSync)).toThrow(`in use by another agent (process ${process.pid}): stop it, or give --data another folder`)
  lock.setStatusPort(41112)
  expect(lockHolder(folder)).toMatchObject({ pid: process.pid, statusPort: 41112 })
  lock.release()
  expect(readdirSync(folder)).toEqual([])
})

test.each([['of a process that is gone', dead], ['empty', ''], ['half written', dead.slice(0, 9)]])('a lock %s is taken over', (_what, text) => {
  writeFileSync(path.join(folder, 'agent.lock'), text)
  takeLock(folder, writeFileSync)
  expect(lockHolder(folder)?.pid).toBe(process.pid)
  expect(readdirSync(folder)).toEqual(['agent.lock'])
})

test('of many agents that start at once over a dead lock, one gets it', async () => {
  const program = path.join(folder, 'take.mjs')
  await build({
    stdin: {
      contents: `import { writeFileSync } from 'node:fs'
        import { takeLock } from './lock.ts'
        process.stdin.once('data', () => {
          try { takeLock(process.argv[2], writeFileSync); console.log('taken') } catch (error) { console.log(error.message) }
        })
        process.stdin.once('end', () => process.exit())
        console.log('ready')`,
      resolveDir: import.meta.dirname, loader: 'ts',
    },
    bundle: true, platform: 'node', format: 'esm', outfile: program, logLevel: 'error',
  })
  const data = mkdtempSync(path.join(folder, 'data-'))
  writeFileSync(path.join(data, 'agent.lock'), dead)
  const agents = Array.from({ length: 5 }, () => {
    const child = spawn(process.execPath, [program, data], { stdio: ['pipe', 'pipe', 'inherit'] })
    const said: string[] = []
    child.stdout.on('data', (bytes) => said.push(...String(bytes).trim().split('\n')))
    return { child, said }
  })
  try {
    await expect.poll(() => agents.map(({ said }) => said[0]), { timeout: 10_000 }).toEqual(agents.map(() => 'ready'))
    for (const { child } of agents) child.stdin.write('go')
    await expect.poll(() => agents.map(({ said }) => said.length), { timeout: 10_000 }).toEqual(agents.map(() => 2))
    expect(agents.filter(({ said }) => said[1] === 'taken')).toHaveLength(1)
    expect(readFileSync(path.join(data, 'agent.lock'), 'utf8')).toContain(`"pid":${agents.find(({ said }) => said[1] === 'taken')?.child.pid}`)
  } finally {
    for (const { child } of agents) child.stdin.end()
  }
})
