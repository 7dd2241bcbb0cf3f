import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { hashSecret, matchesHash } from '../../db/secrets.ts'
import { StartError } from '../../errors/index.ts'
import { systemActor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { authKeyState } from './row.ts'
import { authKeyPrefix, newAuthKey } from './secret.ts'

interface LocalKey {
  readonly file: string
  readonly description: string
  readonly reusable: boolean
  readonly ephemeral: boolean
  readonly tags: readonly string[]
}

/** What programs on this machine join with; each file is for this machine's user alone. */
const localKeys: readonly LocalKey[] = [
  { file: 'agent.key', description: 'This machine’s relay (npm start)', reusable: false, ephemeral: false, tags: ['tag:relay'] },
  { file: 'simulate.key', description: 'Simulated peers on this machine (npm run simulate)', reusable: true, ephemeral: true, tags: ['tag:simulated'] },
]

const validMs = 365 * 86_400_000
/** One that is about to expire is replaced. */
const spareMs = 7 * 86_400_000

type KeyContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random'>

async function content(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** Whether the file's key still lets somebody in. */
async function isUsable({ db, clock }: KeyContext, key: string): Promise<boolean> {
  const prefix = authKeyPrefix(key)
  const row = prefix === undefined ? null : await db.authKey.findUnique({ where: { prefix } })
  return row !== null && matchesHash(key, row.hash) && authKeyState(row, clock.now() + spareMs) === 'usable'
}

async function makeKey(ctx: KeyContext, local: LocalKey, file: string): Promise<void> {
  const { key, prefix } = newAuthKey(ctx.random)
  const now = ctx.clock.now()
  const { description, reusable, ephemeral, tags } = local
  await withAudit(ctx, systemActor('Towpath'), async (tx, audit) => {
    // The ones before it are of no use to anybody.
    await tx.authKey.deleteMany({ where: { createdBy: 'Towpath', description } })
    const row = await tx.authKey.create({
      data: { prefix, hash: hashSecret(key), description, reusable, ephemeral, tags: [...tags], createdBy: 'Towpath', createdAt: new Date(now), expiresAt: new Date(now + validMs) },
    })
    audit({ action: 'auth-key.create', target: { kind: 'auth-key', id: row.id, name: prefix }, after: { description, reusable, ephemeral, tags: [...tags] } })
  })
  // Whole or not at all: a reader never sees half a key.
  await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** At start, and now and then: leaves `agent.key` and `simulate.key` in the folder, made anew where they are missing, used up, revoked or expired. Throws StartError. */
export async function ensureLocalKeys(ctx: KeyContext, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const local of localKeys) {
      const file = path.join(folder, local.file)
      if (!(await isUsable(ctx, await content(file)))) await makeKey(ctx, local, file)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error) {
      throw new StartError(`Cannot keep keys in ${folder} (${String(error.code)}): make it a folder that this user may write`, { cause: error })
    }
    throw error
  }
}
