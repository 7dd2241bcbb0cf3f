import { readFileSync } from 'node:fs'
import path from 'node:path'
import { runPolicy } from './run.ts'

// Where the person stands: npm changes into the package's folder.
const folder = process.env.INIT_CWD ?? process.cwd()

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : path.resolve(folder, file), 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new Error(`${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code || String(error)})`}`, { cause: error })
  }
}

const { out, err, code } = runPolicy(process.argv.slice(2), read)
if (err.length > 0) console.error(err.join('\n'))
if (out.length > 0) console.log(out.join('\n'))
process.exitCode = code
