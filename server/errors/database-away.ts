import { TowpathError } from './index.ts'

/** Of the client library (P…), of PostgreSQL's shutdown and start (57P0…), and of sockets. */
const codes: readonly unknown[] = ['P1001', 'P1002', 'P1008', 'P1017', '57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE']
/** What reaches us as text alone, wrapped by a library. */
const words = /can't reach database server|write EPIPE|connection terminated|closed the connection|terminating connection|database system is/i
/** Libraries wrap errors a few times at most. */
const maxDepth = 8

/** The database's absence in a person's words; undefined: the error is of another kind. It passes by itself, so it is no bug. */
export function databaseAway(error: unknown): TowpathError | undefined {
  let one = error
  for (let depth = 0; depth < maxDepth && one instanceof Error; depth++, one = one.cause) {
    if (!('code' in one && codes.includes(one.code)) && !words.test(one.message)) continue
    return new TowpathError({ code: 'unavailable', text: 'The database does not answer', fix: 'Try again in a moment; the control plane’s log says more' })
  }
  return undefined
}
