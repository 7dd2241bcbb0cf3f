import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { identify, isAlive, processIdentitySchema } from '../../server/db/process-identity.ts'
import { execute } from './execute.ts'

const recordSchema = z.object({
  maker: processIdentitySchema,
  /** Network namespaces, and interfaces in the machine's own. */
  namespaces: z.array(z.string()),
  interfaces: z.array(z.string()),
})
type LabRecord = z.infer<typeof recordSchema>

const recordName = 'lab.json'
const start = (prefix: string): string => `towpath-lab-${prefix}-`

/** Makes the lab's folder. What the lab will be made of is on disk before it is made, so that a later run finds it after a crash. */
export function makeFolder(prefix: string): { readonly folder: string; readonly id: string } {
  const folder = mkdtempSync(path.join(tmpdir(), start(prefix)))
  return { folder, id: path.basename(folder).slice('towpath-lab-'.length).toLowerCase().replace(/[^a-z0-9-]/g, '') }
}

export function record(folder: string, parts: Omit<LabRecord, 'maker'>): void {
  writeFileSync(path.join(folder, recordName), JSON.stringify({ maker: identify(process.pid), ...parts } satisfies LabRecord))
}

/** Undefined: none, or none that is whole. */
function readRecord(folder: string): LabRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path.join(folder, recordName), 'utf8')))
  } catch {
    return undefined
  }
}

async function pidsIn(namespaces: readonly string[]): Promise<number[]> {
  const lists = await Promise.all(namespaces.map((name) => execute(['ip', 'netns', 'pids', name])))
  return lists.flatMap(({ stdout }) => stdout.split('\n').filter(Boolean).map(Number))
}

async function endProcesses(namespaces: readonly string[]): Promise<void> {
  for (const [signal, withinMs] of [['SIGTERM', 3000], ['SIGKILL', 3000]] as const) {
    const until = Date.now() + withinMs
    let pids = await pidsIn(namespaces)
    for (const pid of pids) {
      try {
        process.kill(pid, signal)
      } catch {
        // It ended by itself.
      }
    }
    while (pids.length > 0 && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 30))
      pids = await pidsIn(namespaces)
    }
    if (pids.length === 0) return
  }
}

/** Ends and removes all that the folder's record names, and the folder. */
export async function removeLab(folder: string): Promise<void> {
  const { namespaces, interfaces } = readRecord(folder) ?? { namespaces: [], interfaces: [] }
  const there = namespaces.filter((name) => existsSync(`/run/netns/${name}`))
  await endProcesses(there)
  await Promise.all(interfaces.filter((name) => existsSync(`/sys/class/net/${name}`)).map((name) => execute(['ip', 'link', 'del', name])))
  await Promise.all(there.map((name) => execute(['ip', 'netns', 'del', name])))
  rmSync(folder, { recursive: true, force: true })
}

/** Removes what runs of this prefix left behind whose maker is gone. */
export async function removeStale(prefix: string): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(start(prefix)) && !one.slice(start(prefix).length).includes('-'))) {
    const folder = path.join(tmpdir(), name)
    const found = readRecord(folder)
    if (found && !isAlive(found.maker)) await removeLab(folder)
  }
}
