import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { ended, identify, isAlive, processIdentitySchema } from '../../server/db/process-identity.ts'

const fileSchema = z.array(processIdentitySchema)
const politeMs = 5000

/** The programs that this start runs, on disk: a start after a kill finds those that are left. */
export class ProcessList {
  #file: string
  /** Bounded: one per program that is kept running. */
  #pids = new Map<string, number>()

  constructor(file: string) {
    this.#file = file
  }

  set(name: string, pid: number): void {
    this.#pids.set(name, pid)
    writeFileSync(this.#file, JSON.stringify([...this.#pids.values()].map(identify)), { mode: 0o600 })
  }
}

function listed(file: string): z.infer<typeof fileSchema> {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return []
  }
}

/** Ends what a killed start left running. The caller holds the data folder's lock, so nobody else runs these. */
export async function endLeftovers(file: string): Promise<void> {
  const left = listed(file).filter(isAlive)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const identity of left.filter(isAlive)) process.kill(identity.pid, signal)
    await Promise.all(left.map((identity) => ended(identity, politeMs)))
  }
}
