import { randomBytes } from 'node:crypto'
import { systemClock, type Clock, type RandomBytes } from '../lib/clock.ts'
import { createAuth, sessionSecret, trustedProxies, type Auth, type TrustedProxies } from './auth/index.ts'
import { createBus, type Bus } from './bus/index.ts'
import { openDb, type Db } from './db/client.ts'
import type { Env } from './env.ts'
import { createLog, type Log } from './log.ts'

/** Every long-lived thing of the control plane. */
export interface AppContext {
  readonly env: Env
  readonly log: Log
  readonly clock: Clock
  readonly random: RandomBytes
  readonly db: Db
  readonly bus: Bus
  readonly trusted: TrustedProxies
  readonly auth: Auth
  /** Ends everything, the newest first. Never throws. */
  dispose(): Promise<void>
}

/** What was built so far, to be taken down in reverse: also when building breaks off half way. */
class Built {
  readonly #log: Log
  /** Bounded: one per thing that the context builds. */
  #ends: (() => unknown)[] = []

  constructor(log: Log) {
    this.#log = log
  }

  add<T>(thing: T, end: (thing: T) => unknown): T {
    this.#ends.unshift(() => end(thing))
    return thing
  }

  async dispose(): Promise<void> {
    for (const end of this.#ends.splice(0)) {
      try {
        await end()
      } catch (error) {
        this.#log.error({ err: error }, 'an orderly end failed')
      }
    }
  }
}

/** Builds it all on a database that has its migrations. Throws StartError. */
export async function createAppContext(env: Env): Promise<AppContext> {
  const log = createLog()
  const built = new Built(log)
  const onError = (error: unknown): void => log.error({ err: error }, 'unexpected failure')
  try {
    const [clock, random] = [systemClock, randomBytes]
    const trusted = trustedProxies(env.trustedProxies)
    const db = built.add(openDb(env.databaseUrl), (open) => open.$disconnect())
    const bus = createBus(onError)
    const auth = createAuth({
      db, clock, random, onError,
      secret: sessionSecret(env.data, random),
      publicUrl: env.publicUrl,
      onPerson({ personId, auditId }) {
        bus.publish('person.changed', { id: personId })
        bus.publish('audit.added', { id: auditId })
      },
    })
    return { env, log, clock, random, db, bus, trusted, auth, dispose: () => built.dispose() }
  } catch (error) {
    await built.dispose()
    throw error
  }
}
