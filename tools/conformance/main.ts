import { compareVectors } from './run.ts'

const [kind, folder, ...rest] = process.argv.slice(2)

if (kind === '--help' || kind === '-h') {
  console.log('npm run conformance -- vectors DIR: what the codecs make of recorded vectors, a JSON file for each kind, against what is written there')
} else if (kind !== 'vectors' || folder === undefined || rest.length > 0) {
  console.error('Usage: npm run conformance -- vectors DIR')
  process.exitCode = 1
} else {
  try {
    const { lines, differing } = compareVectors(folder)
    console.log(lines.join('\n'))
    process.exitCode = differing === 0 ? 0 : 1
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
