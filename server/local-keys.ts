import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { hashSecret } from './db/secrets.ts'
import type { Log } from './log.ts'
import { systemActor } from './services/actor.ts'
import { createAuthKey } from './services/auth-key/create.ts'
import type { createAuthKeySchema } from './services/auth-key/shape.ts'
import type { ServiceContext } from './services/context.ts'
import type { z } from 'zod'

interface LocalKey {
  readonly file: string
  readonly input: z.input<typeof createAuthKeySchema> & { readonly description: string }
  /** The description once one was used: the key that is kept, so that two of the same name do not look like a mistake. */
  readonly again?: string
}

/** For programs of this machine alone: whoever reads the data folder may join. */
const localKeys: readonly LocalKey[] = [
  { file: 'agent.key', input: { description: 'This machine’s relay', tags: ['tag:relay'], validDays: 365 }, again: 'For this machine’s relay to join again' },
  { file: 'simulate.key', input: { description: 'Simulated peers on this machine', tags: ['tag:simulated'], reusable: true, ephemeral: true, validDays: 365 } },
]
/** Made anew that long before the end, so that nobody reads one that is about to expire. */
const aheadMs = 86_400_000
const checkMs = 3_600_000
const maker = systemActor('npm start')

function keyIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/** One that somebody revoked stays: they did not ask for another. */
async function isSettled({ db, clock }: ServiceContext, key: string): Promise<boolean> {
  const row = await db.authKey.findUnique({ where: { hash: hashSecret(key) } })
  if (row === null) return false
  return row.revokedAt !== null || (row.expiresAt.getTime() > clock.now() + aheadMs && (row.reusable || row.uses === 0))
}

/** The last of these keys that was used, by its prefix. A reusable one does not count: it is not made anew. */
async function lastUsed({ db }: ServiceContext, { input: { description }, again = description }: LocalKey): Promise<string | undefined> {
  const used = await db.authKey.findFirst({
    where: { description: { in: [description, again] }, createdBy: maker.name, reusable: false, uses: { gt: 0 } },
    orderBy: { usedAt: { sort: 'desc', nulls: 'last' } }, select: { prefix: true },
  })
  return used?.prefix
}

/** The machine that joined with this key was removed: whoever did that asks for another by removing the file. */
async function isRemoved({ db }: ServiceContext, prefix: string): Promise<boolean> {
  const joined = await db.auditEvent.findFirst({
    where: { targetKind: 'machine', after: { path: ['authKey'], equals: prefix } }, orderBy: { id: 'desc' }, select: { targetId: true },
  })
  return joined !== null && (await db.node.count({ where: { id: Number(joined.targetId) } })) === 0
}

/** Sees to it that each file holds a key that is neither used up nor about to expire; not for a machine that was removed. Throws what `createAuthKey` does, and errors of the file system. */
export async function ensureLocalKeys(services: ServiceContext, data: string): Promise<void> {
  const folder = path.join(data, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const local of localKeys) {
    const { file, input, again } = local
    const target = path.join(folder, file)
    const known = keyIn(target)
    if (known !== undefined && await isSettled(services, known)) continue
    const used = await lastUsed(services, local)
    if (known !== undefined && used !== undefined && await isRemoved(services, used)) continue
    const { key } = await createAuthKey(services, maker, used !== undefined && again !== undefined ? { ...input, description: again } : input)
    writeFileSync(`${target}.new`, `${key}\n`, { mode: 0o600 })
    renameSync(`${target}.new`, target)
  }
}

/** Ensures them now and whenever one was used up or grows old. A tag that the policy no longer knows is a warning: local programs then cannot join. What it returns stops it, and resolves once nothing is under way. */
export async function keepLocalKeys(services: ServiceContext, data: string, log: Log): Promise<() => Promise<void>> {
  let running: Promise<void> | undefined
  let again = false
  let isStopped = false
  const ensure = (): Promise<void> => {
    again = running !== undefined
    running ??= ensureLocalKeys(services, data)
      .catch((error: unknown) => log.warn({ err: error }, 'no key for programs of this machine'))
      .finally(() => {
        running = undefined
        if (again && !isStopped) void ensure()
      })
    return running
  }
  await ensure()
  const stops = [
    services.bus.subscribe('auth-key.changed', () => void ensure()),
    services.bus.subscribe('policy.changed', () => void ensure()),
  ]
  const timer = setInterval(() => void ensure(), checkMs)
  return async () => {
    isStopped = true
    clearInterval(timer)
    for (const stop of stops) stop()
    await running
  }
}
