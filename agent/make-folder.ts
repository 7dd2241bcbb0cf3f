import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'

/**
 * Folder by folder, each for its owner alone: Node's own recursive way answers ENOENT where the system says that it may only
 * be read, and never ends where it says that there is no such place (`/proc`). Throws the system's error.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(path.dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}
