// Plain JavaScript: it runs before any package is installed, and TypeScript needs one.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const stamp = path.join(root, 'node_modules', '.towpath-stamp')

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

function install() {
  const wanted = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json'))).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.log('Installing packages (about a minute, once) …')
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' })
  if (run.status !== 0) stop('Installing packages failed: see the lines above, then run the command again')
  writeFileSync(stamp, wanted)
}

const [command = '', ...rest] = process.argv.slice(2)
const main = path.join(root, 'tools', command, 'main.ts')
if (!/^[a-z-]+$/.test(command) || !existsSync(main)) stop(`No such command: "${command}". See "scripts" in package.json`)
checkNode()
install()
const run = spawnSync(process.execPath, ['--import', 'tsx', main, ...rest], { cwd: root, stdio: 'inherit' })
process.exit(run.status ?? 1)
