import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ChannelView } from '../../protocol/channel/index.ts'
import type { Connection } from './connection.ts'
import type { ChannelLog, ChannelServices, SentView } from './types.ts'
import { viewDigest } from './view.ts'

/** A saved policy changes many nodes' views within milliseconds of each other: one push for all. */
const coalesceMs = 20
/** A node that has not taken its last view yet waits for its next one, which then is the newest. */
const backlogBytes = 1 << 20
const retryMs = 100
/** Views are built and hashed on the event loop: others get their turn after so many. */
const turnViews = 16

export interface ViewPusherOptions {
  readonly services: Pick<ChannelServices, 'view' | 'saveViews'>
  readonly connection: (nodeId: number) => Connection | undefined
  readonly log: ChannelLog
}

/** Why a node is to be told. */
interface Cause {
  readonly text: string
  readonly revokes: boolean
}

interface Sent {
  revision: number
  digest: string
}

/** Pushes new views to connected nodes, each with a revision that grows, and only where the view differs from the last one sent. */
export class ViewPusher {
  readonly #options: ViewPusherOptions
  /** Causes of changes that nodes have not been told of. Bounded: one per node of the network. */
  readonly #pending = new Map<number, Cause>()
  /** Of changes while a node is away. Bounded as above; a removed node is forgotten. */
  readonly #missed = new Map<number, Cause>()
  /** The last view of each connected node. Bounded: one per connected node. */
  readonly #sent = new Map<number, Sent>()
  /** Sent, not yet saved. Bounded as above. */
  readonly #unsaved = new Map<number, SentView>()
  #timer: NodeJS.Timeout | undefined
  #flushing: Promise<void> | undefined
  /** Never rejects. */
  #saving: Promise<void> | undefined
  #isDisposed = false

  constructor(options: ViewPusherOptions) {
    this.#options = options
  }

  changed(nodeIds: readonly number[], text: string, revokes = false): void {
    for (const nodeId of nodeIds) {
      const map = this.#options.connection(nodeId) ? this.#pending : this.#missed
      map.set(nodeId, weightier(map.get(nodeId), { text, revokes }))
    }
    this.#arm(coalesceMs)
  }

  /** A node came: it is sent its view unless it has the newest one. */
  connected(nodeId: number, viewRevision: number, digest: string): void {
    // What this process sent and could not save yet is newer than what was read at the admission.
    const unsaved = this.#unsaved.get(nodeId)
    this.#sent.set(nodeId, unsaved && unsaved.revision > viewRevision ? unsaved : { revision: viewRevision, digest })
    const missed = this.#missed.get(nodeId)
    this.#missed.delete(nodeId)
    this.#pending.set(nodeId, weightier(missed, { text: viewRevision === 0 ? 'joined' : 'changed while it was away', revokes: false }))
    this.#arm(0)
  }

  disconnected(nodeId: number): void {
    const cause = this.#pending.get(nodeId)
    if (cause) this.#missed.set(nodeId, cause)
    this.#pending.delete(nodeId)
    this.#sent.delete(nodeId)
  }

  removed(nodeId: number): void {
    for (const map of [this.#pending, this.#missed, this.#sent, this.#unsaved]) map.delete(nodeId)
  }

  /** Saves what is left; sends nothing more. */
  async dispose(): Promise<void> {
    this.#isDisposed = true
    clearTimeout(this.#timer)
    await this.#flushing
    // One that is under way does not have what was sent since it began.
    await this.#saving
    await this.#save()
  }

  #arm(ms: number): void {
    if (this.#isDisposed || this.#timer !== undefined || this.#pending.size === 0) return
    this.#timer = setTimeout(() => {
      this.#flushing = this.#flush()
        .catch((error: unknown) => this.#options.log.error({ err: error }, 'channel: pushing views failed'))
        .finally(() => {
          this.#timer = undefined
          this.#arm(retryMs)
        })
    }, ms)
  }

  async #flush(): Promise<void> {
    let built = 0
    for (const [nodeId, cause] of [...this.#pending]) {
      const connection = this.#options.connection(nodeId)
      if (connection && connection.bufferedBytes > backlogBytes) continue
      this.#pending.delete(nodeId)
      // Read at this moment: what changed since the cause was noted is in it.
      const view = connection?.isOpen ? this.#options.services.view(nodeId) : undefined
      if (connection === undefined || view === undefined) continue
      this.#send(connection, nodeId, cause.text, view)
      if (++built % turnViews === 0) await nextTurn()
    }
    // Not awaited: a database that is down must not keep a revoked grant from being told.
    void this.#save()
  }

  #send(connection: Connection, nodeId: number, cause: string, view: ChannelView): void {
    const json = JSON.stringify(view)
    const digest = viewDigest(json)
    const last = this.#sent.get(nodeId) ?? { revision: 0, digest: '' }
    // A node that is ahead of us (a database restored from a copy) has a view that we know nothing of.
    const isKnown = digest === last.digest && connection.nodeRevision <= last.revision
    if (isKnown && connection.nodeRevision === last.revision) return
    const revision = isKnown ? last.revision : Math.max(last.revision, connection.nodeRevision) + 1
    this.#sent.set(nodeId, { revision, digest })
    connection.nodeRevision = revision
    if (!isKnown) this.#unsaved.set(nodeId, { nodeId, revision, digest })
    connection.sendText(`{"type":"view","revision":${revision},"cause":${JSON.stringify(cause)},"view":${json}}`)
  }

  #save(): Promise<void> {
    this.#saving ??= this.#saveNow().finally(() => { this.#saving = undefined })
    return this.#saving
  }

  async #saveNow(): Promise<void> {
    if (this.#unsaved.size === 0) return
    const rows = [...this.#unsaved.values()]
    try {
      await this.#options.services.saveViews(rows)
      for (const row of rows) if (this.#unsaved.get(row.nodeId) === row) this.#unsaved.delete(row.nodeId)
    } catch (error) {
      // Unsaved, a view is only sent once more than needed: kept for the next push.
      this.#options.log.warn({ err: error }, 'channel: revisions of views not saved')
    }
  }
}

/** One push may tell of several changes: it names the first that takes something away, else the first that says something. */
function weightier(first: Cause | undefined, second: Cause): Cause {
  if (first === undefined || (second.revokes && !first.revokes)) return second
  return first.text === '' && !first.revokes ? second : first
}
