import path from 'node:path'
import { owner, redeem, signIn, type Client } from '../../e2e/harness/person.ts'
import { killAndAwait } from '../../e2e/harness/processes.ts'
import type { Program } from '../../e2e/harness/program.ts'
import { newInstallation } from '../../e2e/harness/towpath.ts'
import type { Lab, SiteName } from '../../netlab/index.ts'

export interface ControlOptions {
  /** More words for `npm start --`. */
  readonly args?: readonly string[]
  /** What clients are told; `http://ADDRESS:3000` of the site unless told. */
  readonly publicUrl?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What may be asked of a new auth key. */
export type KeyOptions = Parameters<Client['authKey']['create']['mutate']>[0]

/** The product in a site of the lab, without an agent of its own: control plane, DERP, STUN, and the database that comes with it. */
export interface Control {
  readonly name: 'control'
  readonly site: SiteName
  /** For clients and agents in the lab: what `--login-server` takes. */
  readonly loginServer: string
  /** The dashboard as the test process reaches it, and a browser that runs beside it. */
  readonly url: string
  readonly data: string
  /** What its owner's page asks for. */
  readonly client: Client
  /** Makes an auth key; the key itself. */
  authKey(options?: KeyOptions): Promise<string>
  /** kill -9 of the control plane alone, which the supervisor starts again; resolves when another is there. */
  kill(): Promise<void>
  /** Ends all of it as an operator does. */
  stop(): Promise<void>
  /** Starts it again where it was, with its data. */
  start(): Promise<void>
  log(): string
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** Starts the product in a site that has `here: true`, builds it first where sources changed, and makes its owner. */
export async function startControl(lab: Lab, site: SiteName, { args = [], publicUrl, env }: ControlOptions = {}): Promise<Control> {
  const loginServer = publicUrl ?? `http://${lab.addressOf(site)}:3000`
  const url = `http://${lab.addressFromHere(site)}:3000`
  const installation = await newInstallation({
    // What a killed run leaves goes with its lab.
    url, port: 3000, relayPort: 40_000, data: path.join(lab.folder, 'product'), args: ['--no-agent', '--port', '3000', '--public-url', loginServer, ...args],
    command: (argv) => lab.command(site, argv),
  })
  /** Bounded: one per start. */
  const programs: Program[] = []
  const start = async (): Promise<void> => void programs.push(await installation.start(env))
  const stop = async (): Promise<void> => void await programs.at(-1)?.stop()
  try {
    await start()
    await redeem(url, installation.ownerLink(), owner)
  } catch (error) {
    await stop()
    installation.remove()
    throw error
  }
  const person = await signIn(url, owner)
  const { client } = person
  return {
    name: 'control',
    site,
    loginServer,
    url,
    data: installation.data,
    client,
    authKey: async (options = {}) => (await client.authKey.create.mutate({ description: 'a story', ...options })).key,
    kill: () => killAndAwait(installation.data, 'control plane', 30_000),
    stop,
    start,
    log: () => programs.map((program) => program.output()).join('--- start ---\n'),
    async remove() {
      await person.close()
      await stop()
      installation.remove()
    },
  }
}
