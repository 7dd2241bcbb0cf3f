import { createTRPCClient, createWSClient, httpBatchLink, splitLink, type TRPCClient, wsLink } from '@trpc/client'
import superjson from 'superjson'
import { WebSocket } from 'ws'
import type { AppRouter } from '../../../server/trpc/types.ts'
import { waitFor } from './wait.ts'

export type Client = TRPCClient<AppRouter>

/** Somebody signed in: what a page asks for, without the page. */
export interface Person {
  readonly client: Client
  /** Ends the socket of subscriptions. */
  close(): Promise<void>
}

export interface Account {
  readonly email: string
  readonly password: string
}

export const owner: Account = { email: 'ann@example.com', password: 'the lock at dawn' }

/** Makes the account that a one-time link is for. */
export async function redeem(url: string, link: string, { email, password }: Account): Promise<void> {
  const token = new URL(link).searchParams.get('token') ?? ''
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${url}/api/trpc`, transformer: superjson, headers: { origin: url } })] })
  await client.door.redeem.mutate({ token, name: 'Ann', email, password })
}

/** Signs in as a page does. Throws with the answer when it is refused. */
export async function signIn(url: string, { email, password }: Account): Promise<Person> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST', headers: { origin: url, 'content-type': 'application/json' }, body: JSON.stringify({ email, password }),
  })
  if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`)
  const headers = { origin: url, cookie: response.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ') }
  // Node's own WebSocket is missing in 20 and cannot send a cookie.
  class PageSocket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers })
    }
  }
  const socket = createWSClient({
    url: `${url.replace(/^http/, 'ws')}/api/trpc-ws`,
    // What the client asks of a socket, `ws` has; its types name the browser's events.
    WebSocket: PageSocket as unknown as typeof globalThis.WebSocket,
    lazy: { enabled: true, closeMs: 1000 },
    retryDelayMs: () => 100,
  })
  const http = httpBatchLink({ url: `${url}/api/trpc`, transformer: superjson, headers })
  return {
    client: createTRPCClient<AppRouter>({
      links: [splitLink({ condition: ({ type }) => type === 'subscription', true: wsLink({ client: socket, transformer: superjson }), false: http })],
    }),
    close: () => socket.close(),
  }
}

/** The relay that this machine is: its agent enrols by itself, which may take longer than the start does. */
export async function ownRelayId({ client }: Person): Promise<number> {
  return waitFor('this machine among the relays', async () => (await client.relay.list.query())[0]?.id, 20_000)
}

/** Turns this machine's relay on, at a port of its own, as another installation may run on this machine; its id. */
export async function turnOwnRelayOn(
  person: Person, { port, staticEndpoints = [], region = 'fra' }: { readonly port: number; readonly staticEndpoints?: string[]; readonly region?: string },
): Promise<number> {
  const id = await ownRelayId(person)
  await person.client.relay.configure.mutate({ id, port, staticEndpoints, region, maxEndpoints: 1000, handshakesPerSecond: 100 })
  await person.client.relay.setAdvertised.mutate({ id, advertised: true })
  return id
}
