import { createLab, type Lab, type LabOptions, type Site } from '../../netlab/index.ts'
import { startAgent, type Agent, type AgentOptions } from './agent.ts'
import { startClient, type ClientOptions, type StockClient } from './client.ts'
import { startControl, type Control, type ControlOptions } from './control.ts'
import type { Logged } from './logs.ts'
import { findPeer } from './status.ts'

/** An agent or a client under the name that it has among its like; on the site of that name unless told. */
export interface AgentSetup extends Omit<AgentOptions, 'name'> {
  readonly site?: string
}
export interface ClientSetup extends Omit<ClientOptions, 'name'> {
  readonly site?: string
  /** More words for `tailscale up`. */
  readonly up?: readonly string[]
}

export interface NetworkOptions<ClientName extends string, AgentName extends string> extends Omit<LabOptions, 'sites'> {
  /** Beside `control`, which is there at 10.0.0.5. */
  readonly sites: Readonly<Record<string, Site>>
  readonly control?: ControlOptions
  readonly agents?: Readonly<Record<AgentName, AgentSetup>>
  /** Started and joined with a key, all at once. */
  readonly clients?: Readonly<Record<ClientName, ClientSetup>>
}

/** What most stories begin with: a lab, the product in it, relays that relay and clients that are up. */
export interface Network<ClientName extends string, AgentName extends string> {
  readonly lab: Lab
  readonly control: Control
  readonly agents: Readonly<Record<AgentName, Agent>>
  readonly clients: Readonly<Record<ClientName, StockClient>>
  /** All that has a log, for `keepLogs`. */
  readonly logged: readonly Logged[]
  remove(): Promise<void>
}

function byName<Name extends string, Value>(names: readonly Name[], values: readonly Value[]): Record<Name, Value> {
  // One value for each name, in their order.
  return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Name, Value>
}

function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>> | undefined): Name[] {
  // The keys of a record are of its key type as far as its maker says so.
  return Object.keys(record ?? {}) as Name[]
}

/** A client sends one ping to a peer whose home it does not know yet into nothing, and does not repeat it. */
async function acquainted(clients: readonly StockClient[]): Promise<void> {
  await Promise.all(clients.flatMap((client) => clients.filter((other) => other !== client).map(({ name }) =>
    client.untilStatus(`${name} among its peers, with a home`, (status) => Boolean(findPeer(status, name)?.Relay), 10_000))))
}

/** Clients of one network know each other, and each other's home, when this resolves. Throws, with nothing left behind, when a part does not start or join. */
export async function startNetwork<ClientName extends string = never, AgentName extends string = never>(
  { sites, control: controlOptions, agents, clients, ...labOptions }: NetworkOptions<ClientName, AgentName>,
): Promise<Network<ClientName, AgentName>> {
  const lab = await createLab({ ...labOptions, sites: { control: { public: true, address: '10.0.0.5', here: true }, ...sites } })
  let control: Control | undefined
  async function remove(): Promise<void> {
    await control?.remove()
    await lab.remove()
  }
  try {
    control = await startControl(lab, 'control', controlOptions)
    const product = control
    const [agentNames, clientNames] = [namesOf(agents), namesOf(clients)]
    const startedAgents = await Promise.all(agentNames.map((name) => {
      const setup: AgentSetup = agents?.[name] ?? {}
      const { site = name, ...options } = setup
      return startAgent(lab, site, product, { ...options, name })
    }))
    const startedClients = await Promise.all(clientNames.map(async (name) => {
      const setup: ClientSetup = clients?.[name] ?? {}
      const { site = name, up = [], ...options } = setup
      const client = await startClient(lab, site, { ...options, name })
      await client.up({ loginServer: product.loginServer, authKey: await product.authKey(), args: up }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n--- ${name} logged:\n${client.log().slice(-4000)}`, { cause: error })
      })
      return client
    }))
    await acquainted(startedClients)
    return {
      lab, control, agents: byName(agentNames, startedAgents), clients: byName(clientNames, startedClients),
      logged: [control, ...startedAgents, ...startedClients], remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}
