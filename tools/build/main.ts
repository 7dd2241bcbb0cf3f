import { buildAll } from './build.ts'

try {
  await buildAll(console.log, process.argv.includes('--force'))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
