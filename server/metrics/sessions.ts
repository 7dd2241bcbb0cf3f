import type { Millis } from '../../lib/clock.ts'
import type { Db, Tx } from '../db/client.ts'
import type { CleanDelta } from './clean.ts'

/** Ends that we concluded: a relay that names such a session again is right, and it goes on. */
export const concluded = { restarted: 'relay restarted', silent: 'no word from the relay' } as const
const concludedReasons: readonly string[] = Object.values(concluded)

export interface SessionChange extends CleanDelta {
  readonly relayId: number
  readonly seenAt: Millis
}

export interface SessionEnded {
  readonly relayId: number
  readonly key: string
  readonly at: Millis
  readonly reason: string
}

/** A row as its change left it. Bytes are all since it began. */
export interface SessionState {
  readonly id: string
  readonly relayId: number
  readonly key: string
  readonly aId: number
  readonly bId: number
  readonly bytesA: number
  readonly bytesB: number
  readonly isOpen: boolean
  /** Packets larger than the way to the other client takes. */
  readonly tooBigA: number
  readonly tooBigB: number
}

interface Row {
  id: string
  relayId: number
  key: string
  aId: number
  bId: number
  bytesA: bigint
  bytesB: bigint
  isOpen: boolean
  tooBigA: bigint
  tooBigB: bigint
}

function stateOf({ bytesA, bytesB, tooBigA, tooBigB, ...row }: Row): SessionState {
  return { ...row, bytesA: Number(bytesA), bytesB: Number(bytesB), tooBigA: Number(tooBigA), tooBigB: Number(tooBigB) }
}

/** Rows of one statement: more would hold the event loop while they are written out. */
const chunkRows = 1000

function* chunks<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += chunkRows) yield all.slice(at, at + chunkRows)
}

/** Adds traffic, one change per (relay, key); a session is made when first named. A late delta of one that ended still counts. */
export async function changeSessions(tx: Tx, all: readonly SessionChange[], name: (nodeId: number) => string): Promise<SessionState[]> {
  const states: SessionState[] = []
  for (const changes of chunks(all)) states.push(...await changeChunk(tx, changes, name))
  return states
}

async function changeChunk(tx: Tx, changes: readonly SessionChange[], name: (nodeId: number) => string): Promise<SessionState[]> {
  const rows = await tx.$queryRaw<Row[]>`
    INSERT INTO "RelaySession" AS s
      ("relayId", key, vni, "aId", "bId", "aName", "bName", "relayName", "openedAt", "lastSeen", "bytesA", "bytesB", "packetsA", "packetsB", "tooBigA", "tooBigB")
    SELECT relay, key, vni, a, b, a_name, b_name, relay_name, to_timestamp(opened / 1000) AT TIME ZONE 'UTC', to_timestamp(seen / 1000) AT TIME ZONE 'UTC',
      bytes_a, bytes_b, packets_a, packets_b, too_big_a, too_big_b
    FROM unnest(
      ${changes.map((one) => one.relayId)}::int[], ${changes.map((one) => one.key)}::text[], ${changes.map((one) => one.vni)}::int[],
      ${changes.map((one) => one.a)}::int[], ${changes.map((one) => one.b)}::int[],
      ${changes.map((one) => name(one.a))}::text[], ${changes.map((one) => name(one.b))}::text[], ${changes.map((one) => name(one.relayId))}::text[],
      ${changes.map((one) => one.openedAt)}::float8[], ${changes.map((one) => one.seenAt)}::float8[],
      ${changes.map((one) => one.bytesFromA)}::float8[], ${changes.map((one) => one.bytesFromB)}::float8[],
      ${changes.map((one) => one.packetsFromA)}::float8[], ${changes.map((one) => one.packetsFromB)}::float8[],
      ${changes.map((one) => one.tooBigFromA)}::float8[], ${changes.map((one) => one.tooBigFromB)}::float8[]
    ) AS added (relay, key, vni, a, b, a_name, b_name, relay_name, opened, seen, bytes_a, bytes_b, packets_a, packets_b, too_big_a, too_big_b)
    ON CONFLICT ("relayId", key) DO UPDATE SET
      "lastSeen" = greatest(s."lastSeen", excluded."lastSeen"),
      "bytesA" = s."bytesA" + excluded."bytesA", "bytesB" = s."bytesB" + excluded."bytesB",
      "packetsA" = s."packetsA" + excluded."packetsA", "packetsB" = s."packetsB" + excluded."packetsB",
      "tooBigA" = s."tooBigA" + excluded."tooBigA", "tooBigB" = s."tooBigB" + excluded."tooBigB",
      "endedAt" = CASE WHEN s.reason = ANY(${concludedReasons}::text[]) AND excluded."lastSeen" > s."endedAt" THEN NULL ELSE s."endedAt" END,
      reason = CASE WHEN s.reason = ANY(${concludedReasons}::text[]) AND excluded."lastSeen" > s."endedAt" THEN NULL ELSE s.reason END
    RETURNING id::text, "relayId", key, "aId", "bId", "bytesA", "bytesB", "endedAt" IS NULL AS "isOpen", "tooBigA", "tooBigB"`
  return rows.map(stateOf)
}

/** The first reason stays, unless we only concluded it. Returns those that the table knows, newly ended or not. */
export async function endSessions(tx: Tx, all: readonly SessionEnded[]): Promise<{ readonly relayId: number; readonly key: string }[]> {
  const known: { readonly relayId: number; readonly key: string }[] = []
  for (const ends of chunks(all)) known.push(...await endChunk(tx, ends))
  return known
}

function endChunk(tx: Tx, ends: readonly SessionEnded[]): Promise<{ readonly relayId: number; readonly key: string }[]> {
  return tx.$queryRaw<{ relayId: number; key: string }[]>`
    UPDATE "RelaySession" AS s SET
      "endedAt" = CASE WHEN s."endedAt" IS NULL OR s.reason = ANY(${concludedReasons}::text[])
        THEN greatest(s."openedAt", to_timestamp(ended.at / 1000) AT TIME ZONE 'UTC') ELSE s."endedAt" END,
      reason = CASE WHEN s."endedAt" IS NULL OR s.reason = ANY(${concludedReasons}::text[]) THEN ended.reason ELSE s.reason END
    FROM unnest(
      ${ends.map((one) => one.relayId)}::int[], ${ends.map((one) => one.key)}::text[], ${ends.map((one) => one.at)}::float8[], ${ends.map((one) => one.reason)}::text[]
    ) AS ended (relay, key, at, reason)
    WHERE s."relayId" = ended.relay AND s.key = ended.key
    RETURNING s."relayId", s.key`
}

/** Ends what a relay did not name (all where `named` is empty), for a reason of ours. Returns the keys. */
export async function endUnnamed(tx: Tx, relayId: number, named: readonly string[], at: Millis, reason: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ key: string }[]>`
    UPDATE "RelaySession" SET "endedAt" = greatest("lastSeen", to_timestamp(${at}::float8 / 1000) AT TIME ZONE 'UTC'), reason = ${reason}
    WHERE "relayId" = ${relayId} AND "endedAt" IS NULL AND NOT key = ANY(${[...named]}::text[])
    RETURNING key`
  return rows.map(({ key }) => key)
}

/** Ends sessions that nothing was heard of since `before`. */
export async function endSilent(db: Db, before: Millis): Promise<{ readonly relayId: number; readonly key: string }[]> {
  return db.$queryRaw<{ relayId: number; key: string }[]>`
    UPDATE "RelaySession" SET "endedAt" = "lastSeen", reason = ${concluded.silent}
    WHERE "endedAt" IS NULL AND "lastSeen" < to_timestamp(${before}::float8 / 1000) AT TIME ZONE 'UTC'
    RETURNING "relayId", key`
}

export async function openSessions(db: Db): Promise<SessionState[]> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT id::text, "relayId", key, "aId", "bId", "bytesA", "bytesB", true AS "isOpen", "tooBigA", "tooBigB" FROM "RelaySession" WHERE "endedAt" IS NULL`
  return rows.map(stateOf)
}
