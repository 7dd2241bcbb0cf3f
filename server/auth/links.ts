import type { Clock, RandomBytes } from '../../lib/clock.ts'
import type { Db, Tx } from '../db/client.ts'
import { hashSecret, linkLifetime, linkPath, newSecret } from '../db/secrets.ts'
import { readRole, type Role } from './identity.ts'

export type LinkPurpose = 'owner' | 'invite'

export interface LinkDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: RandomBytes
}

export interface OwnerLink {
  /** Path and query to put behind the dashboard's URL. */
  readonly path: string
  readonly expiresAt: Date
  /** Whether there is an owner already: the link then lets its holder in again. */
  readonly hasOwner: boolean
}

/** What is known of a link's token. */
export type LinkState =
  | { readonly state: 'usable'; readonly hash: string; readonly purpose: LinkPurpose; readonly role: Role; readonly expiresAt: Date }
  | UselessLink
export interface UselessLink { readonly state: 'unknown' | 'used' | 'expired'; readonly purpose: LinkPurpose; readonly role: Role }

export async function hasOwner(db: Db | Tx): Promise<boolean> {
  return (await db.user.count({ where: { role: 'owner' } })) > 0
}

/**
 * Makes an owner link: for the first owner, or for one who is locked out. Links made before stay usable until they
 * expire, so that a restart does not void the one that somebody has open; the first that is used voids the others.
 */
export async function createOwnerLink({ db, clock, random }: LinkDeps, madeBy: string): Promise<OwnerLink> {
  const token = newSecret(random)
  const now = clock.now()
  const expiresAt = new Date(now + linkLifetime)
  const known = await db.$transaction(async (tx) => {
    await tx.oneTimeLink.deleteMany({ where: { expiresAt: { lt: new Date(now - linkLifetime) } } })
    await tx.oneTimeLink.create({ data: { hash: hashSecret(token), purpose: 'owner', role: 'owner', createdAt: new Date(now), expiresAt } })
    await tx.auditEvent.create({
      data: {
        at: new Date(now), actorKind: 'system', actorId: 'system', actorName: madeBy, action: 'person.owner-link',
        targetKind: 'network', targetId: 'owner', targetName: 'owner', after: { expiresAt: expiresAt.toISOString() },
      },
    })
    return hasOwner(tx)
  })
  return { path: linkPath(token), expiresAt, hasOwner: known }
}

/** At start: a link for the first owner, or undefined when there is one. */
export async function ensureOwnerLink(deps: LinkDeps): Promise<OwnerLink | undefined> {
  return (await hasOwner(deps.db)) ? undefined : createOwnerLink(deps, 'first start')
}

export async function findLink(db: Db | Tx, token: string, now: number): Promise<LinkState> {
  const link = await db.oneTimeLink.findUnique({ where: { hash: hashSecret(token) } })
  if (!link) return { state: 'unknown', purpose: 'invite', role: 'viewer' }
  const known = { purpose: link.purpose === 'owner' ? 'owner' : 'invite', role: readRole(link.role) } as const
  if (link.usedAt) return { state: 'used', ...known }
  if (link.expiresAt.getTime() <= now) return { state: 'expired', ...known }
  return { state: 'usable', hash: link.hash, expiresAt: link.expiresAt, ...known }
}

const another: Readonly<Record<LinkPurpose, string>> = {
  owner: 'Run npm run owner-link on the control plane’s machine for a new one',
  invite: 'Ask whoever sent it for a new one',
}

/** Why a link cannot be used and what to do, each one sentence. */
export function linkTrouble(link: UselessLink): { readonly text: string; readonly fix: string } {
  switch (link.state) {
    case 'unknown': return { text: 'This link is not known here', fix: `Check that it was copied whole. ${another.invite}` }
    case 'used': return { text: 'This link was used already: it works once', fix: link.purpose === 'owner' ? `Sign in. ${another.owner}` : `Sign in. ${another.invite}` }
    case 'expired': return { text: 'This link has expired: it works for 24 hours', fix: another[link.purpose] }
  }
}
