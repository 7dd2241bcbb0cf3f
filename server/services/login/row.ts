import type { Millis } from '../../../lib/clock.ts'
import { hostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import type { Prisma, Tx } from '../../db/client.ts'
import type { ClientClaim } from '../node/client-claim.ts'
import type { LoginState } from './shape.ts'

export type StoredLogin = Prisma.PendingLoginGetPayload<Record<never, never>>

export function loginState({ decidedAt, approved, expiresAt }: Pick<StoredLogin, 'decidedAt' | 'approved' | 'expiresAt'>, now: Millis): LoginState {
  if (decidedAt !== null) return approved ? 'approved' : 'refused'
  return expiresAt.getTime() <= now ? 'lapsed' : 'waiting'
}

/** What the client asked, as it asked it. */
export function claimOfLogin({ machineKey, nodeKey, oldNodeKey, hostinfo, capVersion, ephemeral, ip }: StoredLogin): ClientClaim {
  return {
    machineKey, nodeKey, capVersion, ephemeral, ip, hostinfo: hostinfoSchema.parse(hostinfo), ...(oldNodeKey === null ? {} : { oldNodeKey }),
  }
}

/** Holds those that make logins apart from each other, to the end of the transaction. */
export async function lockLogins(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 5)`
}
