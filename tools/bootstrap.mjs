// Plain JavaScript: it runs before any package is installed, and TypeScript needs one.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

function stop(line) {
  console.error(line)
  process.exit(1)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(`Node ${process.versions.node} is too old: install Node 20.19 or newer, then run the command again`)
  }
}

const hashOf = (...files) => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(path.join(root, file)))
  return hash.digest('hex')
}

/** Runs `work` unless `stamp` says that it was done for this content. */
function once(stamp, content, work) {
  const file = path.join(root, stamp)
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return
  work()
  mkdirSync(path.dirname(file), { recursive: true })
  // Moved into place: another command that starts now reads it whole or not at all.
  writeFileSync(`${file}.${process.pid}`, content)
  renameSync(`${file}.${process.pid}`, file)
}

function install() {
  once('node_modules/.towpath-stamp', hashOf('package-lock.json'), () => {
    console.log('Installing packages (about a minute, once) …')
    const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit', shell: false })
    if (run.status !== 0) stop('Installing packages failed: see the lines above, then run the command again')
  })
}

function generate() {
  // The stamp lies beside what it speaks of, so that removing the one removes the other.
  once('generated/.schema-stamp', hashOf('prisma/schema.prisma', 'package-lock.json'), () => {
    console.log('Generating the database client …')
    const run = spawnSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), 'generate'], { cwd: root, encoding: 'utf8' })
    if (run.status !== 0) stop(`${run.stdout}${run.stderr}\nGenerating the database client failed: see the lines above`)
  })
}

// Without a HOME, what libraries keep there would go into this folder, and a user whom the system does not know has no other.
if (!process.env.HOME) process.env.HOME = path.join(root, '.cache', 'home')
const [command = '', ...rest] = process.argv.slice(2)
const main = path.join(root, 'tools', command, 'main.ts')
if (!/^[a-z-]+$/.test(command) || !existsSync(main)) stop(`No such command: "${command}". See "scripts" in package.json`)
checkNode()
install()
generate()
process.chdir(root)
// In this very process, so that a signal to it reaches the command.
process.argv.splice(1, process.argv.length, main, ...rest)
await import('tsx')
await import(main)
