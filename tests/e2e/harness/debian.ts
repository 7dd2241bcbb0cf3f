import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { root } from './program.ts'

const folder = path.join(root, '.cache', 'debian')

/** A program of Debian's, or why it is not there. */
export type DebianProgram = { readonly path: string } | { readonly missing: string }

function call(command: string, args: readonly string[], cwd?: string): string | undefined {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000, env: { ...process.env, LC_ALL: 'C' } })
  if (error) return `${command}: ${error.message}`
  return status === 0 ? undefined : `${command} ${args[0]}: ${stderr.trim().split('\n')[0] ?? `exit code ${status}`}`
}

/** Whether it is there and starts: what it is linked to may be missing. */
function runs(file: string, trial: readonly string[]): boolean {
  return spawnSync(file, trial, { timeout: 10_000 }).error === undefined
}

/**
 * The program as it is installed, or else Debian's package unpacked in `.cache/debian`: nothing of the machine is changed, and
 * no service is started as an installation would. `trial`: arguments with which it ends at once.
 */
export function debianProgram(packageName: string, file: string, trial: readonly string[]): DebianProgram {
  const name = path.basename(file)
  if (runs(name, trial)) return { path: name }
  const target = path.join(folder, packageName)
  const unpacked = path.join(target, file)
  if (!existsSync(unpacked)) {
    console.log(`${name} is not installed: unpacking Debian's package ${packageName} into ${path.relative(root, target)}`)
    mkdirSync(target, { recursive: true })
    let failed = call('apt-get', ['download', packageName], target)
    // Lists of packages may be missing, or older than what the mirror has.
    if (failed !== undefined && process.getuid?.() === 0) failed = call('apt-get', ['update']) ?? call('apt-get', ['download', packageName], target)
    const archive = readdirSync(target).find((entry) => entry.endsWith('.deb'))
    failed ??= archive === undefined ? 'apt-get brought no package' : call('dpkg', ['-x', archive, target], target)
    if (failed !== undefined) return { missing: `${name} is not installed, and Debian's package ${packageName} cannot be had (${failed}): apt-get install ${packageName}` }
  }
  return runs(unpacked, trial) ? { path: unpacked } : { missing: `${name} does not run here: apt-get install ${packageName}` }
}
