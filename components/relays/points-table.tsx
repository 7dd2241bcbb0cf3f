'use client'
import type { RelayPoint } from '../../server/trpc/types.ts'
import { useClock } from '../ui/clock.tsx'
import { None, Rate } from '../ui/figures.tsx'
import { formatCount } from '../ui/format.ts'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { clockTime } from '../ui/time.ts'

/** At most this many rows: every nth point. */
const mostRows = 40

/** The graphs' figures as a table, newest first. */
export function PointsTable({ points }: { readonly points: readonly RelayPoint[] }) {
  const { zone } = useClock()
  const step = Math.max(1, Math.ceil(points.length / mostRows))
  const rows = points.filter((_, index) => (points.length - 1 - index) % step === 0).toReversed()
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
    <div className="relative max-h-[560px] overflow-auto" tabIndex={0}>
      <Table label="Throughput, sessions and CPU" compact>
        <Head><Th>Time</Th><Th num>In</Th><Th num>Out</Th><Th num>Sessions</Th><Th num>CPU</Th><Th num>Dropped</Th></Head>
        <tbody>
          {rows.map((point) => (
            <tr key={point.at}>
              <Td>{clockTime(point.at, zone, true)}</Td>
              <Td num><Rate bits={point.bitsIn} /></Td>
              <Td num><Rate bits={point.bitsOut} /></Td>
              <Td num>{point.sessions === null ? <None /> : formatCount(Math.round(point.sessions))}</Td>
              <Td num>{point.cpu === null ? <None /> : `${(point.cpu * 100).toFixed(1)} %`}</Td>
              <Td num>{point.dropsPerSecond === null ? <None /> : `${formatCount(Math.round(point.dropsPerSecond))} /s`}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}
