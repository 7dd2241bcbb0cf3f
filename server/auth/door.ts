import { hashPassword } from 'better-auth/crypto'
import { z } from 'zod'
import type { Tx } from '../db/client.ts'
import { TowpathError } from '../errors/index.ts'
import { addressHeader, isPlainHttp } from './address.ts'
import type { Role } from './identity.ts'
import { findLink, hasOwner, linkTrouble, type LinkDeps, type LinkPurpose } from './links.ts'
import { maxPasswordLength, minPasswordLength } from './sign-in.ts'

export const linkTokenSchema = z.object({ token: z.string().min(1).max(100) })
export const redeemLinkSchema = z.object({
  token: z.string().min(1).max(100),
  name: z.string().trim().min(1, 'a name that others know you by').max(60, 'at most 60 characters'),
  email: z.string().trim().toLowerCase().max(320).pipe(z.email('an e-mail address, such as ann@example.com')),
  password: z.string()
    .min(minPasswordLength, `at least ${minPasswordLength} characters`)
    .max(maxPasswordLength, `at most ${maxPasswordLength} characters`),
})
export const doorStateSchema = z.object({ hasOwner: z.boolean(), plainHttp: z.boolean() })
export const checkedLinkSchema = z.object({
  valid: z.boolean(),
  purpose: z.enum(['owner', 'invite']),
  role: z.enum(['owner', 'admin', 'viewer']),
  /** What the link does, or why it does nothing and what to do. */
  text: z.string(),
  /** Whom an owner link lets in again: the owner, when there is exactly one. Whoever holds the link may know: it can take the account. */
  owner: z.object({ name: z.string(), email: z.string() }).nullable(),
})

/** What one without an account can do. */
export interface Door {
  /** Whether the network has an owner, and whether a password typed into this page could be read on the way. */
  state(headers: Headers): Promise<{ hasOwner: boolean; plainHttp: boolean }>
  checkLink(input: z.input<typeof linkTokenSchema>): Promise<z.infer<typeof checkedLinkSchema>>
  /**
   * Uses a link up: makes the account, or, with an owner link on an account that exists, gives it a new password and
   * makes it an owner. Throws `not-found` (link unknown, used or expired), `conflict` (e-mail taken), `invalid` (a field).
   */
  redeem(input: z.input<typeof redeemLinkSchema>, headers: Headers): Promise<{ ok: true }>
}

export interface DoorOptions extends Omit<LinkDeps, 'random'> {
  readonly publicUrl: string
  /** After an account came to be or got a new password. */
  readonly onPerson: (change: { readonly personId: string; readonly auditId: string; readonly email: string }) => void
}

interface Applicant { readonly name: string; readonly email: string; readonly password: string }

/** Gives an existing person a new password and the owner's role; every session of before ends. */
async function letIn(tx: Tx, id: string, hash: string, now: Date): Promise<void> {
  await tx.user.update({ where: { id }, data: { role: 'owner' } })
  const changed = await tx.account.updateMany({ where: { userId: id, providerId: 'credential' }, data: { password: hash, updatedAt: now } })
  if (changed.count === 0) await tx.account.create({ data: { userId: id, accountId: id, providerId: 'credential', password: hash } })
  await tx.session.deleteMany({ where: { userId: id } })
}

async function admit(tx: Tx, who: Applicant, role: Role, hash: string): Promise<string> {
  const user = await tx.user.create({ data: { name: who.name, email: who.email, role } })
  await tx.account.create({ data: { userId: user.id, accountId: user.id, providerId: 'credential', password: hash } })
  return user.id
}

export function createDoor({ db, clock, publicUrl, onPerson }: DoorOptions): Door {
  const describe = async (purpose: LinkPurpose, role: Role): Promise<Pick<z.infer<typeof checkedLinkSchema>, 'text' | 'owner'>> => {
    if (purpose === 'invite') return { text: `This link makes an account with the role ${role}.`, owner: null }
    const owners = await db.user.findMany({ where: { role: 'owner' }, select: { name: true, email: true }, orderBy: { createdAt: 'asc' }, take: 3 })
    const [owner, ...others] = owners
    if (!owner) return { text: 'This link makes the owner account.', owner: null }
    if (others.length === 0) return { text: `This link gives the owner, ${owner.name}, a new password and ends every session of theirs.`, owner }
    return { text: `This link gives one of the owners (${owners.map(({ email }) => email).join(', ')}) a new password. Another e-mail makes another owner account.`, owner: null }
  }

  return {
    async state(headers) {
      return { hasOwner: await hasOwner(db), plainHttp: isPlainHttp(headers, publicUrl) }
    },

    async checkLink(input) {
      const { token } = linkTokenSchema.parse(input)
      const link = await findLink(db, token, clock.now())
      if (link.state === 'usable') return { valid: true, purpose: link.purpose, role: link.role, ...await describe(link.purpose, link.role) }
      const { text, fix } = linkTrouble(link)
      return { valid: false, purpose: link.purpose, role: link.role, text: `${text}. ${fix}.`, owner: null }
    },

    async redeem(input, headers) {
      const { token, ...who } = redeemLinkSchema.parse(input)
      const early = await findLink(db, token, clock.now())
      if (early.state !== 'usable') throw new TowpathError({ code: 'not-found', ...linkTrouble(early), path: 'token' })
      // Before the transaction: hashing takes a tenth of a second, and a lock should not.
      const hash = await hashPassword(who.password)
      const change = await db.$transaction(async (tx) => {
        // One at a time: of two that come at once, the second finds the link used, or an owner there.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 1)`
        const now = new Date(clock.now())
        const link = await findLink(tx, token, now.getTime())
        if (link.state !== 'usable') throw new TowpathError({ code: 'not-found', ...linkTrouble(link), path: 'token' })
        const known = await tx.user.findUnique({ where: { email: who.email }, select: { id: true, name: true, role: true } })
        if (known && link.purpose !== 'owner') {
          throw new TowpathError({ code: 'conflict', text: `${who.email} has an account already`, fix: 'Sign in with it, or use another e-mail', path: 'email' })
        }
        const personId = known ? known.id : await admit(tx, who, link.role, hash)
        if (known) await letIn(tx, known.id, hash, now)
        await tx.oneTimeLink.update({ where: { hash: link.hash }, data: { usedAt: now } })
        // An owner link does more than any other: none stays behind that somebody may have seen.
        if (link.purpose === 'owner') await tx.oneTimeLink.updateMany({ where: { purpose: 'owner', usedAt: null }, data: { usedAt: now } })
        const audit = await tx.auditEvent.create({
          data: {
            at: now, actorKind: 'user', actorId: personId, actorName: known?.name ?? who.name, action: known ? 'person.reset-password' : 'person.join',
            targetKind: 'person', targetId: personId, targetName: known?.name ?? who.name,
            ...(known ? { before: { role: known.role } } : {}),
            after: { role: link.role, email: who.email }, ip: headers.get(addressHeader),
          },
        })
        return { personId, auditId: String(audit.id), email: who.email }
      })
      onPerson(change)
      return { ok: true }
    },
  }
}
