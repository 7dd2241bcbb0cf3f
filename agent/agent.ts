import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ChannelClient, type ChannelEvent } from './channel/client.ts'
import { isPassing, refusalText, waitsText, type Status } from './channel/machine.ts'
import { writeAtomically, type DataFolder, type SavedConfig } from './config.ts'
import type { DataPlaneName } from './dataplane/index.ts'
import { createDerpHome } from './derp-home.ts'
import { createHostRelay } from './host-relay.ts'
import { hostInfo } from './host-info.ts'
import { localStatus, type LocalStatus } from './local-status.ts'
import { takeLock } from './lock.ts'
import type { Log } from './log.ts'
import { skewText } from './relay-status.ts'
import { removalOf, removedText, staysOut } from './removal.ts'
import { parseSaved, type SavedRelay } from './relay/index.ts'
import { Reporting } from './reporting.ts'
import { steadyClock } from './steady-clock.ts'
import { StunServers } from './stun-servers.ts'
import { metricsText, Reporter, serveLocally } from './telemetry/index.ts'
import { agentVersion } from './version.ts'

export interface AgentOptions {
  readonly folder: DataFolder
  /** Base URL of the control plane; absent: the one that was used last. */
  readonly server: string | undefined
  /** Asked at each connection, as the key in a file may be made anew. */
  readonly authKey: () => string | undefined
  readonly name: string | undefined
  /** Where its relay is, in words; counts when the machine joins. */
  readonly region?: string | undefined
  /** Of `/metrics`, `/healthz` and `/status` on loopback; another is taken when it is in use. */
  readonly metricsPort: number
  /** Absent: auto. */
  readonly dataPlane?: DataPlaneName | undefined
  readonly workers?: number | undefined
  /** Bits a second that its relay lets a session carry each way; absent: no limit. */
  readonly sessionRate?: number | undefined
  readonly log: Log
  /** The control plane refuses a machine that was never let in: the text says why and how to fix it. */
  readonly onRefused: (text: string) => void
}

export interface Agent {
  readonly statusPort: number
  /** Saves everything and ends within 2 s. Sessions are not ended: they go on with the next start. */
  stop(): Promise<void>
}

/** Starts the agent. Throws, with a text for a person, when the data folder cannot be had or no control plane is known. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { folder } = options
  const saved = folder.config()
  const server = options.server ?? saved.server
  if (server === undefined) throw new Error('No control plane is known: give its address with --server URL')
  const lock = takeLock(folder.path, writeAtomically)
  try {
    return await compose({ ...options, server }, saved, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

async function compose(options: AgentOptions & { readonly server: string }, saved: SavedConfig, lock: ReturnType<typeof takeLock>): Promise<Agent> {
  const { folder, log, server } = options
  const clock = steadyClock()
  const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length))
  const keys = folder.keys()
  const unsent = folder.unsentReports()
  // Another control plane counts its revisions anew: what its predecessor's number said is void, the view is not.
  let config: SavedConfig = saved.server === server ? { ...saved, server } : { ...saved, server, revision: 0, removed: undefined }
  const isOut = staysOut(config.removed, options.authKey())
  const startedAt = clock.now()
  let refusal = isOut ? removedText : undefined
  let isWaiting = config.view?.authorized === false

  const stun = new StunServers((servers) => host.setStunServers(servers))
  const derp = createDerpHome({ keys, clock, random, log, onPacket: (from, bytes) => host.derpPacket(from, bytes), onChange: () => pushStatus() })
  const host = createHostRelay({
    view: config.view, skewMs: config.skewMs, sessionRate: options.sessionRate, saved: savedRelay(folder, log), nodeDisco: keys.disco.secret, clock, random, log,
    sendDerp: (to, bytes) => derp.send(to, bytes),
    dataPlane: { wanted: options.dataPlane ?? 'auto', workers: options.workers, nativeFolder: join(folder.path, 'native') },
    save: (text) => folder.saveRelayState(text),
    onOpened(session) {
      log.info({ session: session.key, clients: session.clients.map(({ name }) => name) }, 'session opened')
      reporter.opened(session)
      reporting.soon()
    },
    onEnded(session, reason, at) {
      log.info({ session: session.key, clients: session.clients.map(({ name }) => name), reason }, 'session ended')
      reporter.ended(session, reason, at)
      reporting.soon()
    },
    onStatus: () => pushStatus(),
    requestedPort: () => folder.requestedPort(),
  })
  const { relay, plane } = host
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const reporter = new Reporter(Buffer.from(random(12)).toString('hex'), {
    totals: plane.totals, traffic: plane.readCounters, drops: () => ({ ...relay.counters() }), endpoints: () => relay.endpoints, cpuMs,
  }, relay.sessions(), startedAt)

  const saveConfig = (): boolean => {
    try {
      folder.saveConfig(config)
      return true
    } catch (error) {
      log.error({ error: String(error) }, 'cannot save the configuration')
      return false
    }
  }

  const applyView = (event: Extract<ChannelEvent, { type: 'view' }>): void => {
    const { revision, view, cause } = event
    config = { ...config, revision, view, name: view.self.name }
    if (isWaiting && view.authorized !== false) log.info('approved')
    isWaiting = view.authorized === false
    host.configure(view, config.skewMs, cause)
    derp.setRegions(view.derp)
    stun.setRegions(view.derp)
    log.debug({ revision, cause, peers: view.peers.length }, 'view applied')
    // A view that is not saved is not reported as applied: after a restart it is sent again.
    if (saveConfig()) channel.applied(revision)
  }

  const takeSkew = (skewMs: number): void => {
    if (Math.abs(skewMs - config.skewMs) < 1000) return
    if (skewText(skewMs) !== '') log.warn({ skewMs }, skewText(skewMs))
    config = { ...config, skewMs }
    saveConfig()
    host.configure(config.view, skewMs, 'The clock was set')
  }

  /** Coming again would make it a new machine, which nobody who removed it asked for. */
  const leave = (text: string): void => {
    refusal = removedText
    log.error({ told: text }, removedText)
    isWaiting = false
    config = { ...config, revision: 0, view: undefined, removed: removalOf(options.authKey()) }
    saveConfig()
    void channel.stop(false)
    reporting.stop()
    host.configure(undefined, config.skewMs, 'This machine was removed from the network')
    derp.setRegions([])
    stun.setRegions([])
  }

  const onEvent = (event: ChannelEvent): void => {
    switch (event.type) {
      case 'welcome':
        refusal = undefined
        isWaiting = event.welcome.authorized === false
        log.info({ machine: event.welcome.name, server }, 'connected to the control plane')
        if (isWaiting) log.warn({ machine: event.welcome.name }, waitsText)
        if (saved.server !== server || config.name !== event.welcome.name || config.removed !== undefined) {
          config = { ...config, name: event.welcome.name, removed: undefined }
          saveConfig()
        }
        return
      case 'view': return applyView(event)
      case 'watch': return reporting.watch(event.on)
      case 'skew': return takeSkew(event.skewMs)
      case 'refused':
        if (event.refused.code === 'removed') return leave(event.refused.text)
        refusal = refusalText(event.refused)
        log.error({ code: event.refused.code }, refusal)
        if (config.view === undefined && !isPassing(event.refused)) options.onRefused(refusal)
        return
      case 'log': return log.warn(event.text)
    }
  }

  const channel = new ChannelClient({
    server, keys, host: hostInfo(), kind: 'agent', authKey: options.authKey, name: options.name, region: options.region,
    revision: config.revision, unsent, clock, random, onEvent,
  })
  const reporting = new Reporting({
    reporter, clock, channel,
    save: (reports) => folder.saveUnsentReports(reports),
    onSaveError: (error) => log.error({ error: String(error) }, 'cannot save unsent reports'),
  }, unsent.length > 0)

  const pushStatus = (): void => {
    const status: Status = { type: 'status', homeDerp: derp.region, endpoints: [], relay: host.status() }
    channel.status(status)
  }

  const status = (): LocalStatus => localStatus({
    server, connected: channel.connected, refusal, name: config.name, isWaiting, view: config.view, revision: config.revision,
    relay: host.status(), sessions: relay.sessions(), derp: { region: derp.region, connected: derp.connected },
    uptimeMs: clock.now() - startedAt,
  })
  const local = await serveLocally(options.metricsPort, {
    status,
    metrics: () => metricsText({
      version: agentVersion, dataPlane: { name: plane.name, threads: (plane.state.state === 'bound' && plane.state.workers) || 0 }, totals: plane.totals(), drops: relay.counters(), sessions: relay.sessions().length, endpoints: relay.endpoints,
      forgottenSessions: reporter.forgotten, relaying: host.status().state === 'relaying', channelConnected: channel.connected, derpConnected: derp.connected,
      cpuMs: cpuMs(), residentBytes: process.memoryUsage.rss(),
    }),
  })
  lock.setStatusPort(local.port)
  log.info({ version: agentVersion, server, data: folder.path, metrics: `http://127.0.0.1:${local.port}/metrics` }, 'agent started')

  derp.setRegions(config.view?.derp ?? [])
  stun.setRegions(config.view?.derp ?? [])
  host.start()
  if (isOut) {
    log.error(removedText)
    void channel.stop(false)
  } else {
    reporting.start()
  }

  return {
    statusPort: local.port,
    async stop() {
      stun.stop()
      reporting.stop()
      await Promise.all([host.close(), channel.stop(false), derp.close(), local.close()])
      lock.release()
    },
  }
}

function savedRelay(folder: DataFolder, log: Log): SavedRelay | undefined {
  const text = folder.relayState()
  if (text === undefined) return undefined
  try {
    const parsed = parseSaved(JSON.parse(text))
    if (parsed.ok) return parsed.value
  } catch {
    // The same as a state that does not read: said below.
  }
  log.warn('the relay’s saved state does not read: it starts with new keys, and clients allocate anew')
  return undefined
}
