import { readFileSync } from 'node:fs'
import path from 'node:path'

/** Where the pages of sources with this hash are, relative to the checkout: a folder of their own, so that whoever serves older ones keeps them. */
export function pagesFolder(hash: string): string {
  return path.join('dist', `dashboard-${hash.slice(0, 16)}`)
}

/** The folder of the pages that were built last. Throws when none were. */
export function builtPages(root: string): string {
  return pagesFolder(readFileSync(path.join(root, 'dist', 'dashboard.stamp'), 'utf8'))
}
