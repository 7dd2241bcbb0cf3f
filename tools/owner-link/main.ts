import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { systemClock } from '../../lib/clock.ts'
import { createOwnerLink } from '../../server/auth/index.ts'
import { openDb } from '../../server/db/client.ts'
import { connect } from '../../server/db/connect.ts'
import { settingNames } from '../../server/env.ts'
import { StartError } from '../../server/errors/index.ts'
import { openInstallation } from './installation.ts'

const usage = 'Usage: npm run owner-link -- [--data DIR] [--public-url URL]: a one-time link for the owner, made on the control plane’s own machine'

async function main(): Promise<void> {
  const { data, publicUrl } = settingNames
  let values: Readonly<Record<string, string | boolean | undefined>>
  try {
    const options = { [data.flag]: { type: 'string' as const }, [publicUrl.flag]: { type: 'string' as const }, help: { type: 'boolean' as const, short: 'h' } }
    values = parseArgs({ options, allowPositionals: false }).values
  } catch {
    throw new StartError(usage)
  }
  if (values.help) return console.log(usage)
  const variables: Record<string, string | undefined> = { ...process.env }
  for (const { flag, variable } of [data, publicUrl]) {
    const value = values[flag]
    if (typeof value === 'string') variables[variable] = value
  }

  const installation = await openInstallation(variables)
  try {
    const client = await connect(installation.databaseUrl)
    const ready = await client.query('SELECT to_regclass(\'"OneTimeLink"\') IS NOT NULL AS ready').finally(() => client.end())
    if (ready.rows[0]?.ready !== true) throw new StartError('This database has no tables yet: run npm start once, it prints the first link')
    const db = openDb(installation.databaseUrl)
    try {
      const link = await createOwnerLink({ db, clock: systemClock, random: randomBytes }, 'owner-link command')
      console.log(link.hasOwner ? 'Whoever opens this link gives the owner a new password. It works once, for 24 hours:' : 'Whoever opens this link makes the owner account. It works once, for 24 hours:')
      console.log(`${installation.publicUrl}${link.path}`)
      if (!installation.isRunning && !variables.DATABASE_URL) console.log('The control plane is not running: npm start, then open it')
    } finally {
      await db.$disconnect()
    }
  } finally {
    await installation.close()
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
