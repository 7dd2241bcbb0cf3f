import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { root, type Program } from '../../e2e/harness/program.ts'
import { waitFor } from '../../e2e/harness/wait.ts'
import type { Lab, SiteName } from '../../netlab/index.ts'
import type { Control } from './control.ts'

export type RelayState = 'off' | 'starting' | 'relaying' | 'draining' | 'cannot' | 'offline'

export interface AgentOptions {
  readonly name: string
  /** UDP; 40000 unless told. */
  readonly port?: number
  readonly region?: string
  readonly staticEndpoints?: readonly string[]
  /** Those that it joins with; `tag:relay` unless told. */
  readonly tags?: readonly string[]
  /** Whether the dashboard's switch is on; true unless told. */
  readonly on?: boolean
}

/** An agent of ours in a site of the lab, joined as a relay. */
export interface Agent {
  readonly name: string
  readonly site: SiteName
  /** The node's id in the API. */
  readonly id: number
  /** Keys and state, for a story that takes some away between `kill` and `start`. */
  readonly data: string
  /** The dashboard's switch; resolves when the relay says that it is so. */
  switchTo(state: 'relaying' | 'off', withinMs?: number): Promise<void>
  /** Waits until the control plane has it in this state. */
  untilState(state: RelayState, withinMs?: number): Promise<void>
  /** kill -9. */
  kill(): Promise<void>
  /** SIGTERM, and waits. */
  stop(): Promise<void>
  /** Starts again with the state that it had; `untilState('relaying')` waits for it. */
  start(): Promise<void>
  log(): string
}

/** Starts the built agent, joins it with a new key and turns it on; resolves when it relays. It ends with the lab. */
export async function startAgent(lab: Lab, site: SiteName, control: Control, { name, port = 40_000, region = '', staticEndpoints = [], tags = ['tag:relay'], on = true }: AgentOptions): Promise<Agent> {
  const data = path.join(lab.folder, `agent-${name}`)
  mkdirSync(data)
  const { client } = control
  const key = await control.authKey({ description: name, tags: [...tags] })
  /** Bounded: one per start. */
  const programs: Program[] = []
  const words = ['run', '--server', control.loginServer, '--name', name, '--data', data]

  const start = async (more: readonly string[] = []): Promise<void> =>
    void programs.push(lab.spawn(site, [process.execPath, '--enable-source-maps', path.join(root, 'dist/agent.mjs'), ...words, ...more], { NODE_ENV: 'production' }))
  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    programs.at(-1)?.child.kill(signal)
    await programs.at(-1)?.exited
  }
  const row = async () => (await client.relay.list.query()).find((one) => one.name === name)
  const log = (): string => programs.map((program) => program.output()).join('--- start ---\n')

  await start(['--auth-key', key])
  const { id } = await waitFor(() => `agent ${name} among the relays; it logged:\n${log().slice(-3000)}`, async () => {
    const one = await row()
    return one?.online ? one : undefined
  }, 20_000)
  await client.relay.configure.mutate({ id, port, staticEndpoints: [...staticEndpoints], region, maxEndpoints: 1000, handshakesPerSecond: 100 })

  async function untilState(state: RelayState, withinMs = 20_000): Promise<void> {
    let last = ''
    await waitFor(() => `relay ${name} to be ${state}, but it is ${last}; it logged:\n${log().slice(-3000)}`, async () => {
      const one = await row()
      last = `${one?.state}: ${one?.stateText}`
      return one?.state === state ? true : undefined
    }, withinMs)
  }
  async function switchTo(state: 'relaying' | 'off', withinMs?: number): Promise<void> {
    await client.relay.setAdvertised.mutate({ id, advertised: state === 'relaying' })
    await untilState(state, withinMs)
  }

  if (on) await switchTo('relaying')
  return { name, site, id, data, switchTo, untilState, kill: () => end('SIGKILL'), stop: () => end('SIGTERM'), start: () => start(), log }
}
