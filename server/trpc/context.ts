import type { Auth, Door, Identity } from '../auth/index.ts'
import type { LiveFigures, MetricsQueries } from '../metrics/index.ts'
import type { Actor } from '../services/actor.ts'
import type { ServiceContext } from '../services/context.ts'
import { scopeSchema } from '../services/permissions.ts'
import { toTrpcError } from './errors.ts'

/** The long-lived things that procedures reach. */
export interface TrpcDeps {
  readonly services: ServiceContext
  readonly auth: Pick<Auth, 'door' | 'actorFromHeaders'>
  readonly metrics: { readonly live: LiveFigures; readonly queries: MetricsQueries }
  /** A failure that is a bug or the database's. */
  readonly onError: (error: unknown) => void
}

/** What one request's procedures get. */
export interface TrpcContext {
  readonly services: ServiceContext
  readonly metrics: TrpcDeps['metrics']
  readonly door: Door
  readonly headers: Headers
  /** Null: nobody, or a session or token that counts no more. */
  readonly actor: Actor | null
  /** Looks again who it is: a socket lives longer than a session may. */
  readonly lookAgain: () => Promise<Actor | null>
  /** On the answer, where there is one of its own (the API). */
  readonly setHeader: (name: string, value: string) => void
}

function actorOf(identity: Identity | undefined): Actor | null {
  if (identity === undefined) return null
  if (identity.kind === 'user') return identity
  // A scope of another version gives nothing.
  return { ...identity, scopes: identity.scopes.flatMap((scope) => scopeSchema.safeParse(scope).data ?? []) }
}

export async function createTrpcContext(deps: TrpcDeps, headers: Headers, setHeader: TrpcContext['setHeader'] = () => {}): Promise<TrpcContext> {
  // Outside of any procedure, so its failures are mapped here.
  const look = (): Promise<Actor | null> => deps.auth.actorFromHeaders(headers).then(actorOf, (error: unknown) => { throw toTrpcError(error) })
  return {
    services: deps.services, metrics: deps.metrics, door: deps.auth.door, headers, actor: await look(), lookAgain: look, setHeader,
  }
}
