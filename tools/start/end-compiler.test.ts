import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

test.skipIf(process.platform !== 'linux')('no process of the compiler stays, and what is loaded later is still read', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-compiler-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'later.mts'), 'export const later: string = "read"\n')
  writeFileSync(path.join(folder, 'main.mts'), `import { readdirSync, readFileSync } from 'node:fs'
import { endCompiler } from '${pathToFileURL(path.join(import.meta.dirname, 'end-compiler.ts')).href}'
const children = (): number => readdirSync('/proc/self/task').flatMap((id) => readFileSync('/proc/self/task/' + id + '/children', 'utf8').split(' '))
  .filter((pid) => pid !== '' && readFileSync('/proc/' + pid + '/cmdline', 'utf8').includes('esbuild')).length
const before = children()
endCompiler()
for (let tries = 0; children() > 0 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
const after = children()
const { later } = await import('./later.mts')
console.log(JSON.stringify({ before, after, later }))
process.exit()
`)
  const run = promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), path.join(folder, 'main.mts')], {
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  })
  const figures: unknown = JSON.parse((await run).stdout)
  // Where Node has hooks on the main thread, there is none to begin with.
  expect([{ before: 0, after: 0, later: 'read' }, { before: 1, after: 0, later: 'read' }]).toContainEqual(figures)
}, 30_000)
