import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import { z } from 'zod'
import { systemClock } from '../lib/clock.ts'
import { createAgentDownloads, type AgentDownloads } from './agent-bundle/index.ts'
import { clientAddress, createAuth, sessionSecret, trustedProxies, type Auth, type TrustedProxies } from './auth/index.ts'
import { Built } from './built.ts'
import { createBus } from './bus/index.ts'
import { channelServices, createChannelHub, type ChannelHub } from './channel/index.ts'
import { createCoordination, type Coordination } from './coordination/index.ts'
import { openDb, type Db } from './db/client.ts'
import { openEdge, type Edge } from './edge.ts'
import { dataFlag, type Env } from './env.ts'
import { keepLocalKeys } from './local-keys.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics/index.ts'
import type { ServiceContext } from './services/context.ts'
import { createLiveNetwork } from './services/network/live-network.ts'
import { networkLoader } from './services/network/load.ts'
import { createNodeUpkeep } from './services/node/upkeep.ts'
import { createPolicyApprovals } from './services/policy/approvals.ts'
import { ensurePolicy } from './services/policy/document.ts'
import { createQuotaLedger } from './services/quota/ledger.ts'
import { createStockRelays } from './stock-relays/index.ts'
import { joinUrl, type Tls } from './tls/index.ts'
import { setCallerFactory } from './trpc/caller.ts'
import { createTrpcContext, type TrpcDeps } from './trpc/context.ts'
import { createCaller } from './trpc/router.ts'

/** Every long-lived thing of the control plane that a port serves. */
export interface AppContext {
  readonly env: Env
  readonly log: Log
  readonly db: Db
  readonly trusted: TrustedProxies
  readonly auth: Auth
  readonly trpc: TrpcDeps
  readonly hub: ChannelHub
  readonly edge: Edge
  readonly coordination: Coordination
  readonly downloads: AgentDownloads
  /** Ends everything, the newest first. Never throws. */
  dispose(): Promise<void>
}

const packageSchema = z.object({ version: z.string() })

function versionOf(root: string): string {
  return packageSchema.parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))).version
}

/** Builds it all on a database that has its migrations. `root`: the checkout; `tls`: of our own, where there is one. Throws StartError. */
export async function createAppContext(env: Env, root: string, log: Log, tls?: Tls): Promise<AppContext> {
  const built = new Built(log)
  try {
    return await build(env, root, log, tls, built)
  } catch (error) {
    await built.dispose()
    throw error
  }
}

async function build(env: Env, root: string, log: Log, tls: Tls | undefined, built: Built): Promise<AppContext> {
  const [clock, random] = [systemClock, randomBytes]
  const onError = (error: unknown): void => log.error({ err: error }, 'unexpected failure')
  const trusted = trustedProxies(env.trustedProxies)
  const bus = createBus(onError)
  const db = built.add(openDb(env.databaseUrl), (open) => open.$disconnect())

  await ensurePolicy(db)
  const network = built.add(await createLiveNetwork({ load: networkLoader(db), bus, clock, onError }), (live) => live.dispose())
  const metrics = built.add(await createMetrics({ db, bus, clock, log, names: network, quotas: createQuotaLedger({ db, bus, clock, network }) }), (figures) => figures.dispose())
  // Asked for by services before it is there: it asks the network itself.
  const late: { edge?: Edge } = {}
  const join = () => joinUrl({ publicUrl: env.publicUrl, tls: tls && env.tls && { ...tls.facts(), port: env.tls.port } }, clock.now())
  const clientIp = (request: IncomingMessage): string => clientAddress(request, trusted)
  const known: Omit<ServiceContext, 'questions'> = {
    db, bus, clock, random, network, live: metrics.live, figures: metrics.queries,
    server: {
      version: versionOf(root), publicUrl: env.publicUrl, isLoopbackOnly: env.isLoopbackOnly, database: env.database, stunPort: env.stunPort,
      dataFlag: dataFlag(env.data, root),
      derp: () => late.edge?.derp() ?? null,
      get joinUrl() { return join().url ?? null },
      get joinWarning() { return join().warning },
      tls: () => tls?.facts() ?? null,
    },
  }
  const coordination = built.add(createCoordination({ services: known, dataFolder: env.data, log, clientIp }), (open) => open.dispose())
  const services: ServiceContext = { ...known, questions: coordination.questions }
  const edge = built.add(await openEdge({ env, db, bus, clock, random, log, network, metrics }), (open) => open.dispose())
  late.edge = edge
  built.add(createNodeUpkeep(services, onError), (upkeep) => upkeep.dispose())
  built.add(createPolicyApprovals(services, onError), (approvals) => approvals.dispose())
  built.add(createStockRelays({
    services, log,
    // What they carry for a quota is to be known also while nobody looks.
    metrics: { ingest: metrics.ingest, live: { watched: (id) => metrics.live.watched(id) || network.quotas.covers(id) } },
  }), (stock) => stock.dispose())

  const auth = createAuth({
    db, clock, random, onError,
    secret: sessionSecret(env.data, random),
    publicUrl: env.publicUrl,
    onPerson({ personId, auditId }) {
      bus.publish('person.changed', { id: personId })
      bus.publish('audit.added', { id: auditId })
    },
  })
  const trpc: TrpcDeps = { services, auth, metrics, onError }
  setCallerFactory(async (headers) => createCaller(await createTrpcContext(trpc, headers)))
  const hub = built.add(createChannelHub({
    services: channelServices(services),
    metrics: {
      ingest: metrics.ingest,
      watched: (id) => metrics.live.watched(id) || network.quotas.isNear(id),
      onWatch(listener) {
        const stops = [metrics.live.onWatch(listener), network.quotas.onNear(listener)]
        return () => stops.forEach((stop) => stop())
      },
    },
    bus, clock, random, log,
    clientIp,
  }), (channels) => channels.dispose())
  built.add(await keepLocalKeys(services, env.data, log), (stop) => stop())

  return {
    env, log, db, trusted, auth, trpc, hub, edge, coordination,
    downloads: createAgentDownloads({ publicUrl: env.publicUrl, bundlePath: path.join(root, 'dist', 'agent.mjs') }),
    dispose: () => built.dispose(),
  }
}
