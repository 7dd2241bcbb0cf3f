import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { Program } from '../../e2e/harness/program.ts'
import { waitFor } from '../../e2e/harness/wait.ts'
import type { Executed, Lab, SiteName } from '../../netlab/index.ts'
import { askLocalApi, type LocalRequest } from './local-api.ts'
import { readPingResult, readPong, type Pong, type Via } from './paths.ts'
import { findPeer, pathOf, statusSchema, type ClientPeer, type ClientStatus } from './status.ts'
import { findStockClient } from './stock-client.ts'

export interface ClientOptions {
  /** Its host name in the network, and its folder's in the lab. */
  readonly name: string
  /** True: an interface of its own, one client for each site. False: in user space, where `ping` works and sockets of other programs do not reach it. */
  readonly tun?: boolean
  /** The UDP port; 41641 unless told. */
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
}

export interface UpOptions {
  readonly loginServer: string
  /** None: it waits for somebody to approve it. */
  readonly authKey?: string
  /** More words for `tailscale up`. */
  readonly args?: readonly string[]
}

/** An unmodified client in a site of the lab. */
export interface StockClient {
  readonly name: string
  readonly site: SiteName
  readonly socket: string
  /** Joins; resolves when the client says that it is up. Throws with what it printed otherwise. */
  up(options: UpOptions & { readonly timeoutMs?: number }): Promise<string>
  /** `tailscale up` as a running program, for logins that wait: `seen(/https?:\S+/, ms)` is the address that it prints. */
  startUp(options: UpOptions): Program
  /** Its command line, to the end; never throws for an exit code. */
  cli(args: readonly string[], timeoutMs?: number): Promise<Executed>
  /** The same, that must succeed; what it printed. */
  mustCli(args: readonly string[], timeoutMs?: number): Promise<string>
  set(...args: readonly string[]): Promise<void>
  logout(): Promise<void>
  status(): Promise<ClientStatus>
  /** Its own address in the network. Throws before it has one. */
  address(family?: 4 | 6): Promise<string>
  peer(name: string): Promise<ClientPeer | undefined>
  /** One ping, 5 s at most. Throws with what the client printed when nothing answers. */
  ping(name: string, ...args: readonly string[]): Promise<Pong>
  /** One ping by the daemon itself, which answers at once where the command line takes a second. Throws when nothing comes back within `withinMs` (2 s). */
  probe(name: string, withinMs?: number): Promise<Pong>
  /** Probes until one comes that way; how long that took, ms. */
  pingUntil(name: string, via: Via, withinMs: number): Promise<{ readonly pong: Pong; readonly afterMs: number }>
  /** Looks at the daemon's own status until its path to the peer is so, which needs traffic between the two; how long that took, ms. */
  untilPath(name: string, via: Via, withinMs: number): Promise<number>
  /** Waits for a status that is as wanted. */
  untilStatus(what: string, isSo: (status: ClientStatus) => boolean, withinMs: number): Promise<ClientStatus>
  /** `path` from /localapi/v0/ on; the answer's text. */
  localApi(path: string, request?: LocalRequest): Promise<string>
  /** kill -9. */
  kill(): Promise<void>
  /** SIGTERM, and waits. */
  stop(): Promise<void>
  /** Starts again with the state that it had; `stop`s first when it runs. */
  restart(): Promise<void>
  /** What its daemon logged, over all restarts; the last megabyte of each. */
  log(): string
}

/** Starts a client's daemon; it answers on its socket when this resolves. It ends with the lab. */
export async function startClient(lab: Lab, site: SiteName, { name, tun = true, port = 41641, env = {} }: ClientOptions): Promise<StockClient> {
  const found = findStockClient()
  if ('missing' in found) throw new Error(found.missing)
  const { daemon: binary } = found
  const folder = path.join(lab.folder, `client-${name}`)
  // The path of a socket may have 107 bytes.
  const socket = path.join(folder, 'sock')
  // One program: it is the command line when it is called so.
  const tailscale = path.join(folder, 'tailscale')
  mkdirSync(folder)
  symlinkSync(binary, tailscale)
  /** Bounded: one per restart. */
  const runs: Program[] = []

  /** The daemon that runs, or ran last. */
  const daemon = (): Program => runs.at(-1) ?? startDaemon()

  function startDaemon(): Program {
    rmSync(socket, { force: true })
    const interfaceName = tun ? 'tailscale0' : 'userspace-networking'
    const program = lab.spawn(site, [binary, `--statedir=${folder}`, `--socket=${socket}`, `--tun=${interfaceName}`, `--port=${port}`], {
      // There is no way out of a lab: without it the log's uploader tries all the time.
      TS_NO_LOGS_NO_SUPPORT: 'true', ...env,
    })
    runs.push(program)
    return program
  }

  async function start(): Promise<void> {
    const program = startDaemon()
    await waitFor(() => `client ${name} to answer; it logged:\n${program.output().slice(-3000)}`, async () => {
      if (program.child.exitCode !== null) throw new Error(`client ${name} ended with ${program.child.exitCode}:\n${program.output().slice(-3000)}`)
      return existsSync(socket) ? askLocalApi(socket, 'status').then(() => true as const, () => undefined) : undefined
    }, 15_000)
  }

  const words = ({ loginServer, authKey, args = [] }: UpOptions): string[] =>
    ['up', `--login-server=${loginServer}`, `--hostname=${name}`, ...(authKey === undefined ? [] : [`--auth-key=${authKey}`]), ...args]
  const argv = (args: readonly string[]): string[] => [tailscale, `--socket=${socket}`, ...args]
  const cli = (args: readonly string[], timeoutMs = 30_000): Promise<Executed> => lab.exec(site, argv(args), { timeoutMs })

  async function mustCli(args: readonly string[], timeoutMs?: number): Promise<string> {
    const { code, stdout, stderr } = await cli(args, timeoutMs)
    if (code === 0) return stdout
    throw new Error(`tailscale ${args.join(' ')} on ${name}: ${code === null ? 'no end' : `exit code ${code}`}\n${stderr}${stdout}`)
  }

  const status = async (): Promise<ClientStatus> => statusSchema.parse(JSON.parse(await askLocalApi(socket, 'status')))

  async function ping(peer: string, ...args: readonly string[]): Promise<Pong> {
    const { stdout, stderr } = await cli(['ping', '--c=1', '--until-direct=false', '--timeout=5s', ...args, peer], 10_000)
    const pong = stdout.split('\n').map(readPong).find((one) => one !== undefined)
    if (!pong) throw new Error(`${name} pings ${peer}: ${stderr}${stdout}`.trim())
    return pong
  }

  async function probe(peer: string, withinMs = 2000): Promise<Pong> {
    const address = findPeer(await status(), peer)?.TailscaleIPs[0]
    if (address === undefined) throw new Error(`client ${name} knows no peer ${peer}`)
    return readPingResult(await askLocalApi(socket, `ping?ip=${encodeURIComponent(address)}&type=disco`, { method: 'POST', timeoutMs: withinMs }))
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    daemon().child.kill(signal)
    await daemon().exited
  }
  const isRunning = (): boolean => daemon().child.exitCode === null && daemon().child.signalCode === null

  await start()
  return {
    name,
    site,
    socket,
    async up({ timeoutMs, ...options }) {
      return mustCli(words(options), timeoutMs)
    },
    startUp: (options) => lab.spawn(site, argv(words(options))),
    cli,
    mustCli,
    set: async (...args) => void await mustCli(['set', ...args]),
    logout: async () => void await mustCli(['logout']),
    status,
    async address(family = 4) {
      const own = (await status()).TailscaleIPs.find((one) => one.includes(':') === (family === 6))
      if (own === undefined) throw new Error(`client ${name} has no address yet`)
      return own
    },
    peer: async (peer) => findPeer(await status(), peer),
    ping,
    probe,
    async pingUntil(peer, via, withinMs) {
      const since = Date.now()
      let last = ''
      const pong = await waitFor(() => `${name} to reach ${peer} via ${via}; the last: ${last}`, async () => {
        const one = await probe(peer).catch((error: unknown) => String(error))
        last = typeof one === 'string' ? one : one.text
        return typeof one === 'object' && one.via === via ? one : undefined
      }, withinMs, 100)
      return { pong, afterMs: Date.now() - since }
    },
    async untilPath(peer, via, withinMs) {
      const since = Date.now()
      let last: Via | undefined
      await waitFor(() => `${name} to have a path to ${peer} via ${via}, but it is ${last ?? 'none'}`, async () => {
        last = pathOf(findPeer(await status(), peer))
        return last === via ? true : undefined
      }, withinMs, 25)
      return Date.now() - since
    },
    async untilStatus(what, isSo, withinMs) {
      let last: ClientStatus | undefined
      return waitFor(() => `client ${name}: ${what}; its status: ${JSON.stringify(last)}`, async () => {
        last = await status()
        return isSo(last) ? last : undefined
      }, withinMs, 25)
    },
    localApi: (asked, request) => askLocalApi(socket, asked, request),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async restart() {
      if (isRunning()) await end('SIGTERM')
      await start()
    },
    log: () => runs.map((program) => program.output()).join('--- restart ---\n'),
  }
}
