import { Client } from 'pg'
import { StartError } from '../errors/index.ts'

/** Where a database is, for people: never its password. */
export function describeUrl(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url)
    const socket = searchParams.get('host')
    return socket ? `${pathname.slice(1)} on ${socket}` : `${pathname.slice(1)} on ${hostname}:${port || 5432}`
  } catch {
    return 'DATABASE_URL'
  }
}

const hints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there: start the server, or correct DATABASE_URL',
  ENOENT: 'its socket is not there: start the server, or correct DATABASE_URL',
  ENOTFOUND: 'that host name is not known: correct DATABASE_URL',
  EAI_AGAIN: 'that host name cannot be looked up now: check the network, or correct DATABASE_URL',
  ETIMEDOUT: 'no answer in time: check the network, or correct DATABASE_URL',
  '28P01': 'it refuses the password: correct DATABASE_URL',
  '28000': 'it refuses this user: correct DATABASE_URL or its pg_hba.conf',
  '3D000': 'it has no database of that name: create it, or correct DATABASE_URL',
  '57P03': 'it is still starting: try again shortly',
  '53300': 'it has no connection free: raise its max_connections',
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

/** The same as one line for the operator. */
export function connectFault(url: string, error: unknown): StartError {
  const text = error instanceof Error ? error.message || codeOf(error) : String(error)
  const hint = hints[codeOf(error)] ?? `${text.split('\n')[0]}: check the server and DATABASE_URL`
  return new StartError(`The database ${describeUrl(url)} cannot be used: ${hint}`, { cause: error })
}

/** One connection, for what needs a session of its own. Throws StartError. End it with `end()`. */
export async function connect(url: string): Promise<Client> {
  let client: Client
  try {
    client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, options: '-c TimeZone=UTC' })
    // A connection that breaks while idle would otherwise end the process; the next query says the same.
    client.on('error', () => {})
    await client.connect()
  } catch (error) {
    throw connectFault(url, error)
  }
  return client
}
