import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { closingLine, type Counts } from './counts.ts'

const root = path.resolve(import.meta.dirname, '../..')
const bin = path.join(root, 'node_modules', '.bin')

/** One step that passes or fails as a whole. */
function step(name: string, command: string, args: readonly string[]): Counts {
  console.log(`${name} …`)
  const run = spawnSync(path.join(bin, command), args, { cwd: root, stdio: 'inherit' })
  return run.status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

const report = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number(), numFailedTestSuites: z.number() })

/** Without the running product: no build, no browser, no namespaces, no stock clients. */
const isFast = process.argv.includes('--fast')

function vitest(): Counts {
  console.log(isFast ? 'Tests without the running product …' : 'Tests …')
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-test-'))
  const file = path.join(folder, 'report.json')
  try {
    const args = ['run', ...(isFast ? ['--project', 'fast'] : []), '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const run = spawnSync(path.join(bin, 'vitest'), args, { cwd: root, stdio: 'inherit' })
    if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
    const counts = report.parse(JSON.parse(readFileSync(file, 'utf8')))
    // A file that cannot be loaded, or an error outside a test, has no failed test: the exit code still says so.
    const failed = counts.numFailedTests || (run.status === 0 ? 0 : 1)
    return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

mkdirSync(path.join(root, '.cache'), { recursive: true })
const results = [
  step('Types', 'tsc', ['--noEmit', '-p', '.']),
  step('Lint', 'oxlint', ['--quiet']),
  vitest(),
]
const { line, status } = closingLine(results)
console.log(line)
process.exitCode = status
