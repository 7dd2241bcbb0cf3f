import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

const isSource = (name: string): boolean => !/\.test\.tsx?$/.test(name)

function filesOf(root: string, entry: string): string[] {
  const stat = statSync(path.join(root, entry), { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [entry]
  return readdirSync(path.join(root, entry)).filter(isSource).flatMap((name) => filesOf(root, path.join(entry, name)))
}

/** One hash over the names and contents of files and of all below folders; tests and what is absent do not count. */
export function hashSources(root: string, entries: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of entries.flatMap((entry) => filesOf(root, entry)).sort()) {
    const content = readFileSync(path.join(root, file))
    hash.update(`${file}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}
