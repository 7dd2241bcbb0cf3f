import { createHash } from 'node:crypto'
import { toHex } from '../../lib/bytes.ts'
import type { RandomBytes } from '../../lib/clock.ts'
import { createBus, type Bus } from '../bus/index.ts'
import type { Db } from '../db/client.ts'
import type { Actor } from './actor.ts'
import type { LiveSession, ServiceContext } from './context.ts'
import { createLiveNetwork } from './network/live-network.ts'
import { networkLoader } from './network/load.ts'
import type { Claim } from './node/admit.ts'
import type { Role } from './person/shape.ts'
import { ensurePolicy } from './policy/document.ts'
import type { Questions } from './questions.ts'

/** For tests: a context on a test's database, with a clock that is set by hand and figures that are put in. */
export interface TestContext extends ServiceContext {
  readonly time: { now: number }
  /** Names of events, in order. */
  readonly heard: string[]
  /** Sessions that "run". */
  readonly running: Map<string, LiveSession>
  dispose(): void
}

/** No client answers anything. */
export const noQuestions: Questions = {
  ping: async () => 'no answer',
  c2n: async () => ({ status: 404, headers: new Map(), body: '' }),
}

/** The same bytes for the same seed, and others with each call. */
export function seededBytes(seed: string): RandomBytes {
  let count = 0
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) bytes.set(createHash('sha256').update(`${seed} ${count++}`).digest().subarray(0, Math.min(32, length - at)), at)
    return bytes
  }
}

/** Empties what the verbs write. */
export async function emptyDb(db: Db): Promise<void> {
  await db.$executeRaw`TRUNCATE "Node", "PendingLogin", "Relay", "RetiredAddress", "AuthKey", "PolicyVersion", "AuditEvent", "RelaySession", "Setting", "user" CASCADE`
}

export async function testContext(db: Db): Promise<TestContext> {
  await ensurePolicy(db)
  const time = { now: Date.UTC(2026, 0, 5) }
  const clock = { now: () => time.now }
  const fail = (error: unknown): never => { throw error }
  const bus: Bus = createBus(fail)
  const heard: string[] = []
  bus.subscribeAll((name) => heard.push(name))
  const running = new Map<string, LiveSession>()
  const network = await createLiveNetwork({ load: networkLoader(db), bus, clock, onError: fail })
  return {
    db, bus, clock, random: seededBytes('services'), network, time, heard, running,
    live: {
      relay: () => undefined, relays: () => [], sessions: () => running, derpRate: () => 0, derpPairs: () => [],
      sessionCount: (relayId) => [...running.values()].filter((one) => relayId === undefined || one.relayId === relayId).length,
    },
    figures: {
      sparklines: async () => new Map(), dropsLastHour: async () => new Map(), peakLastHour: async () => null, sessionsHourAgo: async () => null,
    },
    server: { version: '0.1.0', publicUrl: 'http://192.0.2.1:3000', isLoopbackOnly: false, joinUrl: null, joinWarning: '', tls: () => null, database: 'embedded', stunPort: 3478, dataFlag: '', derp: () => null },
    questions: noQuestions,
    dispose: () => network.dispose(),
  }
}

export function person(role: Role, name = 'Ann'): Actor & { readonly kind: 'user' } {
  return { kind: 'user', id: '00000000-0000-4000-8000-000000000001', name, email: `${name.toLowerCase()}@example.com`, role, ip: '192.0.2.7' }
}

/** A machine's claim with keys of its own, by name. */
export function claimOf(name: string, prove: Partial<Claim['prove']> = {}): Claim {
  const key = (kind: string): string => `${kind}:${toHex(createHash('sha256').update(`${kind} ${name}`).digest())}`
  return {
    machineKey: key('mkey'),
    ip: '192.0.2.50',
    prove: {
      type: 'prove', signature: '', kind: 'agent', nodeKey: key('nodekey'), discoKey: key('discokey'), revision: 0,
      host: { hostname: name, os: 'Debian 12', version: '0.1.0' }, ...prove,
    },
  }
}
