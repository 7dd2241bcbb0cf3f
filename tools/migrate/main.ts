// For developers: writes the migration that brings the database to what prisma/schema.prisma says. A start applies it.
import { spawnSync } from 'node:child_process'

const [name = '', ...rest] = process.argv.slice(2)
if (!/^[a-z][a-z0-9_]{0,60}$/.test(name) || rest.length > 0) {
  console.error('Usage: npm run migrate -- NAME, in small letters, for example add_node_region: writes prisma/migrations/<time>_NAME/migration.sql')
  process.exitCode = 1
} else {
  // Never a database of somebody's: migrations are worked out in memory.
  const { DATABASE_URL: _, ...env } = process.env
  const run = spawnSync(process.execPath, ['node_modules/prisma/build/index.js', 'migrate', 'dev', '--create-only', '--name', name], { stdio: 'inherit', env })
  process.exitCode = run.status ?? 1
}
