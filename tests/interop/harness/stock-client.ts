import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../e2e/harness/program.ts'
import { labUnavailable } from '../../netlab/index.ts'

export type StockBinary = { readonly daemon: string } | { readonly missing: string }

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** An unmodified `tailscaled`, daemon and command line in one: the one that is named, else the one beside the checkout, else the machine's own. */
export function findStockClient(env: Readonly<Record<string, string | undefined>> = process.env): StockBinary {
  const named = env.TOWPATH_STOCK_CLIENT
  if (named) return isProgram(named) ? { daemon: path.resolve(named) } : { missing: `TOWPATH_STOCK_CLIENT names ${named}, which is no program` }
  const places = [path.resolve(root, '../shared/peers'), ...(env.PATH ?? '').split(':').filter(Boolean)]
  const daemon = places.map((folder) => path.join(folder, 'tailscaled')).find((file) => existsSync(file) && isProgram(file))
  return daemon === undefined ? { missing: 'no stock client: set TOWPATH_STOCK_CLIENT to a tailscaled, or install one' } : { daemon: realpathSync(daemon) }
}

/** Why stories with stock clients cannot be told here; undefined: they can. */
export function interopUnavailable(): string | undefined {
  const found = findStockClient()
  return 'missing' in found ? found.missing : labUnavailable()
}
