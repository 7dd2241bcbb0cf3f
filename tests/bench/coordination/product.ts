import { fetchServerKey } from '../../coordination-client/index.ts'
import { owner, ownRelayId, redeem, signIn, type Client, type Person } from '../../e2e/harness/person.ts'
import { pidsOf } from '../../e2e/harness/processes.ts'
import type { Program } from '../../e2e/harness/program.ts'
import { newInstallation } from '../../e2e/harness/towpath.ts'
import { waitFor } from '../../e2e/harness/wait.ts'
import { benchPolicy } from './policy.ts'

/** Towpath as `npm start` runs it, with its own database and this machine's agent as the relay, which is on. */
export interface Product {
  readonly url: string
  readonly serverKey: string
  /** Lets in any number of the bench's clients. */
  readonly authKey: string
  readonly relayId: number
  readonly client: Client
  readonly pids: { readonly controlPlane: number; readonly database: number }
  stop(): Promise<void>
}

export async function startProduct(): Promise<Product> {
  const installation = await newInstallation()
  let program: Program | undefined
  let person: Person | undefined
  const stop = async (): Promise<void> => {
    await person?.close()
    await program?.stop()
    installation.remove()
  }
  try {
    program = await installation.start()
    const { url, data, relayPort } = installation
    await redeem(url, installation.ownerLink(), owner)
    person = await signIn(url, owner)
    const { client } = person
    const relayId = await ownRelayId(person)
    const { version } = await client.policy.get.query()
    await client.policy.save.mutate({ text: benchPolicy(0, true), expectedVersion: version })
    await client.relay.configure.mutate({ id: relayId, port: relayPort, staticEndpoints: [], region: '', maxEndpoints: 4096, handshakesPerSecond: 50 })
    await client.relay.setAdvertised.mutate({ id: relayId, advertised: true })
    await waitFor('the relay to be on', async () => (await client.relay.get.query({ id: relayId })).state === 'relaying' || undefined, 20_000)
    const { key } = await client.authKey.create.mutate({ description: 'bench', reusable: true, ephemeral: true, tags: ['tag:bench'] })
    return {
      url, client, relayId, authKey: key, stop,
      serverKey: await fetchServerKey(url, 142),
      pids: { controlPlane: pidsOf['control plane'](data), database: pidsOf.database(data) },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
