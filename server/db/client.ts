import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient, type Prisma } from '../../generated/prisma/client.ts'

export { Prisma } from '../../generated/prisma/client.ts'

/** The database, by typed queries; `$queryRaw` and `$executeRaw` where those do not reach. */
export type Db = PrismaClient

/** What a function gets inside `db.$transaction(async (tx) => …)`. */
export type Tx = Prisma.TransactionClient

/** Connections of one process: a control plane does little at a time, and a PostgreSQL allows 100 by default. */
const maxConnections = 10

/**
 * Opens a pool on a `postgresql://` URL, a Unix socket as `?host=/folder`. Nothing connects before the first query.
 * End it with `$disconnect()`.
 */
export function openDb(url: string): Db {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: maxConnections, options: '-c TimeZone=UTC' }) })
}
