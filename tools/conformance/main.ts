import { comparePolicies, compareVectors } from './run.ts'

const kinds = { vectors: compareVectors, policy: comparePolicies }
const usage = `Usage: npm run conformance -- vectors DIR   the codecs against recorded vectors, a JSON file for each kind
       npm run conformance -- policy DIR    the policy compiler against recorded policies and their answers, in JSON files`

const [kind = '', folder, ...rest] = process.argv.slice(2)

if (kind === '--help' || kind === '-h') {
  console.log(usage)
} else if ((kind !== 'vectors' && kind !== 'policy') || folder === undefined || rest.length > 0) {
  console.error(usage)
  process.exitCode = 1
} else {
  try {
    const { lines, differing } = kinds[kind](folder)
    console.log(lines.join('\n'))
    process.exitCode = differing === 0 ? 0 : 1
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
