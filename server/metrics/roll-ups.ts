import { Prisma, type Tx } from '../db/client.ts'
import type { Resolution } from './resolution.ts'
import type { Step } from './spread.ts'

/** Adds steps to a series: one statement for all of them, each (relay, step) at most once. */
export async function addSteps(tx: Tx, { table, stepMs }: Resolution, steps: readonly Step[]): Promise<void> {
  if (steps.length === 0) return
  const name = Prisma.raw(table)
  await tx.$executeRaw`
    INSERT INTO ${name} AS t (relay_id, at, bytes_in, bytes_out, packets_in, packets_out, cpu_ms, covered_ms, max_sessions, drops)
    SELECT relay_id, to_timestamp(at / 1000), bytes_in, bytes_out, packets_in, packets_out, cpu_ms, least(covered_ms, ${stepMs}), max_sessions, drops::jsonb
    FROM unnest(
      ${steps.map((step) => step.relayId)}::int[], ${steps.map((step) => step.at)}::float8[],
      ${steps.map((step) => step.bytesIn)}::float8[], ${steps.map((step) => step.bytesOut)}::float8[],
      ${steps.map((step) => step.packetsIn)}::float8[], ${steps.map((step) => step.packetsOut)}::float8[],
      ${steps.map((step) => step.cpuMs)}::float8[], ${steps.map((step) => step.coveredMs)}::int[],
      ${steps.map((step) => step.sessions)}::int[], ${steps.map((step) => JSON.stringify(step.drops))}::text[]
    ) AS added (relay_id, at, bytes_in, bytes_out, packets_in, packets_out, cpu_ms, covered_ms, max_sessions, drops)
    ON CONFLICT (relay_id, at) DO UPDATE SET
      bytes_in = t.bytes_in + excluded.bytes_in, bytes_out = t.bytes_out + excluded.bytes_out,
      packets_in = t.packets_in + excluded.packets_in, packets_out = t.packets_out + excluded.packets_out,
      cpu_ms = t.cpu_ms + excluded.cpu_ms, covered_ms = least(t.covered_ms + excluded.covered_ms, ${stepMs}),
      max_sessions = greatest(t.max_sessions, excluded.max_sessions),
      drops = CASE WHEN excluded.drops = '{}' THEN t.drops ELSE add_counts(t.drops, excluded.drops) END`
}
