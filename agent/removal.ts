import { createHash } from 'node:crypto'
import { z } from 'zod'

/** `keyHash`: hex SHA-256 of the auth key held when it was told; absent: it held none. */
export const removalSchema = z.object({ keyHash: z.string().optional() })
export type Removal = z.infer<typeof removalSchema>

export const removedText = 'removed from the network; join again with a new auth key'

function hashOf(authKey: string): string {
  return createHash('sha256').update(authKey).digest('hex')
}

/** What is remembered of a removal, given the auth key at hand. */
export function removalOf(authKey: string | undefined): Removal {
  return authKey === undefined ? {} : { keyHash: hashOf(authKey) }
}

/** Whether a machine that was removed may not come again: not without a key, nor with the one that it had already. */
export function staysOut(removed: Removal | undefined, authKey: string | undefined): boolean {
  return removed !== undefined && (authKey === undefined || hashOf(authKey) === removed.keyHash)
}
