import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

test('the migrations lead to what the schema says: a forgotten one would show here', () => {
  const root = path.resolve(import.meta.dirname, '../..')
  const args = ['migrate', 'diff', '--from-migrations', 'prisma/migrations', '--to-schema', 'prisma/schema.prisma', '--script']
  const run = spawnSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), ...args], { cwd: root, encoding: 'utf8' })
  expect(`${run.stdout}${run.stderr}`).toContain('This is an empty migration')
}, 90_000)
