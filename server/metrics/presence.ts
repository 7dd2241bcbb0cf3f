import type { Clock, Millis } from '../../lib/clock.ts'
import type { Db } from '../db/client.ts'
import type { NodeNames } from './types.ts'

/** A connection that comes back this soon was not away. */
const awayMs = 5000

/** Writes down when an agent was away, as marks for graphs. */
export class PresenceLog {
  readonly #db: Db
  readonly #clock: Clock
  readonly #names: NodeNames
  /** Since when, of agents that just left. Bounded: one per agent of the network, for `awayMs`. */
  readonly #leaving = new Map<number, Millis>()
  /** Agents written down as away. Bounded: one per agent of the network. */
  readonly #away = new Set<number>()

  constructor(db: Db, clock: Clock, names: NodeNames) {
    this.#db = db
    this.#clock = clock
    this.#names = names
  }

  async load(): Promise<void> {
    const rows = await this.#db.$queryRaw<{ id: number; online: boolean }[]>`
      SELECT DISTINCT ON (relay_id) relay_id AS id, online FROM relay_presence ORDER BY relay_id, at DESC`
    for (const { id, online } of rows) if (!online) this.#away.add(id)
  }

  async changed(nodeId: number, online: boolean): Promise<void> {
    if (this.#names.node(nodeId)?.kind !== 'agent') return
    if (!online) {
      this.#leaving.set(nodeId, this.#clock.now())
      return
    }
    this.#leaving.delete(nodeId)
    if (this.#away.delete(nodeId)) await this.#write(nodeId, this.#clock.now(), true)
  }

  removed(nodeId: number): void {
    this.#leaving.delete(nodeId)
    this.#away.delete(nodeId)
  }

  /** Each second. */
  async tick(): Promise<void> {
    for (const [nodeId, since] of this.#leaving) {
      if (this.#clock.now() - since < awayMs) continue
      this.#leaving.delete(nodeId)
      this.#away.add(nodeId)
      await this.#write(nodeId, since, false)
    }
  }

  async #write(nodeId: number, at: Millis, online: boolean): Promise<void> {
    await this.#db.$executeRaw`
      INSERT INTO relay_presence (relay_id, at, online) VALUES (${nodeId}, to_timestamp(${at}::float8 / 1000), ${online}) ON CONFLICT (relay_id, at) DO NOTHING`
  }
}
