import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { systemClock } from '../lib/clock.ts'
import { Built } from './built.ts'
import { createAppContext, type AppContext } from './context.ts'
import { migrate } from './db/migrate.ts'
import { readEnv, type Env } from './env.ts'
import { StartError } from './errors/index.ts'
import { keepHeapSmall } from './heap.ts'
import { openPages } from './http/pages.ts'
import { createRoutes } from './http/routes.ts'
import { createHttpServer, type HttpServer } from './http/server.ts'
import { createLog } from './log.ts'
import { tellProgress, tellReadiness } from './readiness.ts'
import { openTls, type Tls } from './tls/index.ts'

/** Longest that a start waits for its first certificate: it goes on being asked for. */
const certificateMs = 30_000
/** Longest that an orderly end may take. */
const endMs = 4000
const root = process.env.TOWPATH_ROOT ?? process.cwd()

async function ownerLink({ auth, env }: AppContext): Promise<string | undefined> {
  const link = await auth.ensureOwnerLink()
  return link && `${env.publicUrl}${link.path}`
}

/** Where programs on this machine find the control plane. */
function leaveAddress({ data, port, bind, publicUrl }: Env): void {
  const host = bind === undefined || bind === '0.0.0.0' ? '127.0.0.1' : bind
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  writeFileSync(path.join(data, 'server.json'), `${JSON.stringify({ url, publicUrl, pid: process.pid })}\n`, { mode: 0o600 })
}

/** Takes the ports of HTTPS; `awaitFirst` resolves when the certificate is there, cannot be had now, or takes long. */
async function listenTls(http: HttpServer, tls: Tls, { tls: settings, publicUrl }: Env): Promise<{ readonly awaitFirst: Promise<void> } | undefined> {
  if (!settings) return undefined
  tls.onPair(await http.listenTls({ port: settings.port, bind: settings.bind, flag: 'tls-port' }, tls.pair()))
  await http.listenBesideTls({ port: settings.httpPort, bind: settings.bind, flag: 'http-port' }, { origin: publicUrl, challenge: tls.challenge })
  const late = new Promise<void>((resolve) => setTimeout(resolve, certificateMs).unref())
  return { awaitFirst: Promise.race([tls.begin(), late]) }
}

async function start(): Promise<void> {
  keepHeapSmall()
  const env = readEnv(process.env)
  const log = createLog()
  const built = new Built(log)
  let ending: Promise<void> | undefined
  const end = (): void => {
    ending ??= (async () => {
      setTimeout(() => {
        log.warn(`the orderly end took more than ${endMs / 1000} s and was broken off`)
        process.exit(0)
      }, endMs).unref()
      await built.dispose()
      process.exit(0)
    })()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)

  const applied = await migrate(env.databaseUrl, path.join(root, 'prisma', 'migrations'))
  if (applied.length > 0) log.info({ applied }, 'migrations applied')
  const tls = await openTls(env, { clock: systemClock, random: randomBytes, log, onProgress: tellProgress })
  if (tls) built.add(tls, (open) => open.close())
  const context = built.add(await createAppContext(env, root, log, tls), (app) => app.dispose())
  const http = built.add(
    createHttpServer({ trusted: context.trusted, onError: (error) => log.error({ err: error }, 'a request failed') }), (server) => server.close(),
  )
  await http.listen(env.port, env.bind)
  const secured = tls && await listenTls(http, tls, env)
  const pages = built.add(await openPages(root, env.port), (open) => open.close())
  const { routes } = built.add(createRoutes(context, pages.handler), (open) => open.close())
  http.serve(routes)
  leaveAddress(env)
  const link = await ownerLink(context)
  await secured?.awaitFirst
  const { joinWarning } = context.trpc.services.server
  await tellReadiness({ type: 'ready', warnings: joinWarning === '' ? [] : [joinWarning], ...(link === undefined ? {} : { ownerLink: link }) })
  log.info({ port: env.port, publicUrl: env.publicUrl }, 'ready')
}

try {
  await start()
} catch (error) {
  const text = error instanceof StartError ? error.message : `The control plane failed: ${error instanceof Error ? error.stack : String(error)}`
  if (!process.send) console.error(text)
  await tellReadiness({ type: 'failed', text })
  process.exit(1)
}
