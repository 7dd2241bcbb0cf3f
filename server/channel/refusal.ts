import { TowpathError } from '../errors/index.ts'
import type { Refusal } from './machine.ts'

/** What a node is told when a verb did not admit it. A bug is not told, only logged. */
export function refusalOf(error: unknown): Refusal & { readonly isBug: boolean } {
  if (error instanceof TowpathError) return { code: error.code, text: error.message, fix: error.fix, isBug: false }
  return { code: 'unavailable', text: 'The control plane could not look this machine up', fix: 'It is tried again; the control plane’s log says why', isBug: true }
}
