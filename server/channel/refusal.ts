import { databaseAway } from '../errors/database-away.ts'
import { TowpathError } from '../errors/index.ts'
import type { Refusal } from './machine.ts'

/** What a node is told when a verb did not admit it. A bug is not told, only logged. */
export function refusalOf(error: unknown): Refusal & { readonly isBug: boolean } {
  const known = error instanceof TowpathError ? error : databaseAway(error)
  if (known) return { code: known.code, text: known.message, fix: known.fix, isBug: false }
  return { code: 'unavailable', text: 'The control plane could not look this machine up', fix: 'It is tried again; the control plane’s log says why', isBug: true }
}
