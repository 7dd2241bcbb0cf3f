import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, cpSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { StartError } from '../errors/index.ts'

/** How PostgreSQL is started here: it refuses to run as root. */
export interface PostgresUser {
  /** Put before the program's own path and arguments. */
  readonly prefix: readonly string[]
  readonly uid: number | undefined
  readonly gid: number | undefined
  /** Who must own the files on disk; undefined: whoever runs this already does. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
  /** The folder with bin, lib and share, where that user can read it. */
  readonly native: string
  /** The data directory, where that user can reach it. */
  readonly dataDir: string
}

/** A user namespace: PostgreSQL sees user 1000, the kernel goes on seeing root, so every folder of root's stays reachable. */
const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'] as const

function hasNamespaces(): boolean {
  const [command, ...args] = namespace
  return spawnSync(command, [...args, 'true'], { stdio: 'ignore' }).status === 0
}

function idOf(user: string, flag: '-u' | '-g'): number | undefined {
  const run = spawnSync('id', [flag, user], { encoding: 'utf8' })
  return run.status === 0 ? Number(run.stdout) : undefined
}

/** The unprivileged user whom root becomes where there are no namespaces. */
function lesserUser(): { readonly uid: number; readonly gid: number } {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = [idOf(name, '-u'), idOf(name, '-g')]
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid }
  }
  throw new StartError('PostgreSQL does not run as root, and this machine has neither user namespaces nor a user "postgres" or "nobody": start as an ordinary user')
}

/** Whether that user may enter the folder, by trying it. */
function canReach(folder: string, ids: { readonly uid: number; readonly gid: number }): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...ids, cwd: '/', stdio: 'ignore' }).status === 0
}

/** A folder under /var/lib that belongs to this data directory alone. */
function reachableFolder(dataDir: string, base: string): string {
  return path.join(base, `towpath-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`)
}

function copyTree(from: string, to: string): void {
  const partial = `${to}.partial`
  rmSync(partial, { recursive: true, force: true })
  cpSync(from, partial, { recursive: true, verbatimSymlinks: true })
  renameSync(partial, to)
}

/** Copies of the programs and of the data where a lesser user can reach them; a link stays in the data directory's old place. */
function moveWithinReach(native: string, dataDir: string, base: string): { readonly native: string; readonly dataDir: string } {
  const folder = reachableFolder(dataDir, base)
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  // The umask may have taken what the lesser user needs.
  chmodSync(folder, 0o711)
  const version = createHash('sha256').update(`${native} ${statSync(path.join(native, 'bin', 'postgres')).mtimeMs}`).digest('hex').slice(0, 12)
  const programs = path.join(folder, `native-${version}`)
  const data = path.join(folder, 'postgres')
  if (!existsSync(programs)) {
    copyTree(native, programs)
    chmodSync(programs, 0o755)
  }
  const old = lstatSync(dataDir, { throwIfNoEntry: false })
  if (old?.isDirectory()) {
    if (!existsSync(data)) copyTree(dataDir, data)
    renameSync(dataDir, `${dataDir}.moved`)
  }
  if (!old?.isSymbolicLink()) symlinkSync(data, dataDir)
  return { native: programs, dataDir: data }
}

/**
 * Decides how PostgreSQL runs: as this user; as root, in a user namespace; else as a lesser user, with copies where that user
 * cannot reach the originals. Throws StartError.
 */
export function choosePostgresUser(
  native: string, dataDir: string, { isRoot = process.getuid?.() === 0, namespaces = hasNamespaces(), base = '/var/lib' } = {},
): PostgresUser {
  const plain = { prefix: [], uid: undefined, gid: undefined, owner: undefined, native, dataDir }
  if (!isRoot) return plain
  if (namespaces) return { ...plain, prefix: namespace, owner: { uid: 0, gid: 0 } }
  const ids = lesserUser()
  const parent = path.dirname(dataDir)
  const isLinked = lstatSync(dataDir, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  if (!isLinked && canReach(native, ids) && canReach(parent, ids)) return { ...plain, ...ids, owner: ids }
  return { prefix: [], ...ids, owner: ids, ...moveWithinReach(native, dataDir, base) }
}

/** Gives the whole directory to its owner, where it is another's: a checkout may have run in another way before. */
export function giveTo(dataDir: string, owner: PostgresUser['owner']): void {
  if (!owner || statSync(dataDir).uid === owner.uid) return
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) lchownSync(path.join(dataDir, name), owner.uid, owner.gid)
  // Last: until then the next start sees that the work is not done.
  chownSync(dataDir, owner.uid, owner.gid)
}
