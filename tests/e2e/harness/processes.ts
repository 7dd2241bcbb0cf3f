import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { identify, isAlive } from '../../../server/db/process-identity.ts'
import { waitFor } from './wait.ts'

const fileSchema = z.object({ pid: z.number().int().positive() })

function pidIn(file: string): number {
  return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).pid
}

/** The processes of an installation, as its data folder names them. */
export const pidsOf = {
  agent: (data: string): number => pidIn(path.join(data, 'agent', 'agent.lock')),
  'control plane': (data: string): number => pidIn(path.join(data, 'server.json')),
  database: (data: string): number => z.coerce.number().int().positive().parse(readFileSync(path.join(data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
} as const

export type ProgramName = keyof typeof pidsOf

/** Waits until a process has ended, whoever its parent is. */
export async function ended(pid: number, withinMs: number): Promise<void> {
  const identity = identify(pid)
  await waitFor(`process ${pid} to end`, () => (isAlive(identity) ? undefined : true), withinMs)
}

/** kill -9, and waits for another in its place. */
export async function killAndAwait(data: string, name: ProgramName, withinMs: number): Promise<void> {
  const killed = identify(pidsOf[name](data))
  process.kill(killed.pid, 'SIGKILL')
  await waitFor(`another ${name}`, () => {
    try {
      const now = identify(pidsOf[name](data))
      return now.pid !== killed.pid && isAlive(now) && !isAlive(killed) ? true : undefined
    } catch {
      // Between two there may be no file.
      return undefined
    }
  }, withinMs)
}
