import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, cpSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import { StartError } from '../errors/index.ts'

/** How PostgreSQL is started here: it refuses to run as root. */
export interface PostgresUser {
  /** Put before the program's own path and arguments. */
  readonly prefix: readonly string[]
  readonly uid: number | undefined
  readonly gid: number | undefined
  /** Who must own the files on disk; undefined: whoever runs this already does. */
  readonly owner: Ids | undefined
  /** The folder with bin, lib and share, where that user can read it. */
  readonly native: string
  /** The data directory, where that user can reach it. */
  readonly dataDir: string
}

function idOf(user: string, flag: '-u' | '-g'): number | undefined {
  const run = spawnSync('id', [flag, user], { encoding: 'utf8' })
  return run.status === 0 ? Number(run.stdout) : undefined
}

interface Ids {
  readonly uid: number
  readonly gid: number
}

/** An unprivileged user whom this machine knows by name, as `initdb` wants one. */
function lesserUser(): Ids {
  for (const name of ['postgres', 'nobody', 'daemon']) {
    const [uid, gid] = [idOf(name, '-u'), idOf(name, '-g')]
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid }
  }
  throw new StartError('PostgreSQL does not run as this user, and there is none of the users "postgres", "nobody" and "daemon": add one, or set DATABASE_URL')
}

/**
 * A user namespace: PostgreSQL sees the lesser user, the kernel goes on seeing who starts it, so every folder of theirs stays
 * reachable and nothing needs another owner.
 */
function namespaceOf({ uid, gid }: Ids): readonly [string, ...string[]] {
  return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`]
}

function hasNamespaces(ids: Ids): boolean {
  const [command, ...args] = namespaceOf(ids)
  return spawnSync(command, [...args, 'true'], { stdio: 'ignore' }).status === 0
}

/** Whether the system has a name for who we are; a container may run under any number. */
function isKnown(): boolean {
  try {
    userInfo()
    return true
  } catch {
    return false
  }
}

/** Whether that user may enter the folder, by trying it. */
function canReach(folder: string, ids: Ids): boolean {
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
 * Decides how PostgreSQL runs: as this user; as root, or as one without a name, in a user namespace; else, for root, as a lesser
 * user, with copies where that user cannot reach the originals. Throws StartError.
 */
export function choosePostgresUser(
  native: string, dataDir: string, { isRoot = process.getuid?.() === 0, namespaces = hasNamespaces, base = '/var/lib' } = {},
): PostgresUser {
  const plain = { prefix: [], uid: undefined, gid: undefined, owner: undefined, native, dataDir }
  if (!isRoot && isKnown()) return plain
  const ids = lesserUser()
  if (namespaces(ids)) return { ...plain, prefix: namespaceOf(ids), owner: isRoot ? { uid: 0, gid: 0 } : undefined }
  if (!isRoot) throw new StartError('PostgreSQL does not run for a user whom the system does not know: add one to /etc/passwd, or set DATABASE_URL')
  const isLinked = lstatSync(dataDir, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  if (!isLinked && canReach(native, ids) && canReach(path.dirname(dataDir), ids)) return { ...plain, ...ids, owner: ids }
  return { prefix: [], ...ids, owner: ids, ...moveWithinReach(native, dataDir, base) }
}

/** Gives the whole directory to its owner, where it is another's: a checkout may have run in another way before. */
export function giveTo(dataDir: string, owner: PostgresUser['owner']): void {
  if (!owner || statSync(dataDir).uid === owner.uid) return
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) lchownSync(path.join(dataDir, name), owner.uid, owner.gid)
  // Last: until then the next start sees that the work is not done.
  chownSync(dataDir, owner.uid, owner.gid)
}
