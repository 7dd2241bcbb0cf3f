import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { StartError } from '../errors/index.ts'
import { giveTo, type PostgresUser } from './postgres-user.ts'

/** Who owns the cluster: the only role there is. */
export const superuser = 'postgres'
/** Names the socket's file; nothing listens on a TCP port. */
export const socketPort = 5432
/** A Unix socket's path has at most 107 bytes; this leaves room for the file's name. */
const maxSocketFolder = 107 - `/.s.PGSQL.${socketPort}`.length

/** The URL of a database over the Unix socket in a folder. */
export function socketUrl(folder: string, port: number, database: string): string {
  return `postgresql://${superuser}@localhost:${port}/${database}?host=${encodeURIComponent(folder)}`
}

/** In the data directory itself; where that path is too long for a socket, a folder of the same owner, at the same place each time. */
export function socketFolderOf({ dataDir, owner }: PostgresUser): string {
  if (Buffer.byteLength(dataDir) <= maxSocketFolder) return dataDir
  const folder = path.join(tmpdir(), `towpath-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`)
  if (!existsSync(folder)) {
    mkdirSync(folder, { mode: 0o700 })
    giveTo(folder, owner)
  }
  const stat = lstatSync(folder)
  // Anybody may have made a folder of this name before us, to answer in the database's place.
  if (!stat.isDirectory() || stat.uid !== (owner?.uid ?? process.getuid?.()) || (stat.mode & 0o077) !== 0) {
    throw new StartError(`${folder} belongs to another user: remove it, or give --data a shorter path`)
  }
  return folder
}
