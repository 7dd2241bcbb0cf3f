// A process of its own: one database server for all test files of a run. It ends with the run, however that ends.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { connect } from './connect.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { identify, isAlive } from './process-identity.ts'

const [owner = '', folder = ''] = process.argv.slice(2)
const run = identify(Number(owner))

function answer(name: 'url' | 'error', text: string): void {
  const partial = path.join(folder, `${name}.partial`)
  writeFileSync(partial, text)
  renameSync(partial, path.join(folder, name))
}

try {
  const server = await startEmbedded({ dataDir: path.join(folder, 'postgres'), durable: false })
  const client = await connect(server.url('postgres'))
  await client.query('CREATE DATABASE template_test')
  await client.end()
  await migrate(server.url('template_test'), path.resolve(import.meta.dirname, '../../prisma/migrations'))
  answer('url', server.url('postgres'))
  while (isAlive(run) && existsSync(folder)) await new Promise((resolve) => setTimeout(resolve, 300))
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
} catch (error) {
  answer('error', error instanceof Error ? error.message : String(error))
  while (isAlive(run)) await new Promise((resolve) => setTimeout(resolve, 300))
  rmSync(folder, { recursive: true, force: true })
}
