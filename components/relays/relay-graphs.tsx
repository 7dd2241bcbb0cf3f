'use client'
import { useMemo } from 'react'
import type { RelayPoint, RelayThroughput } from '../../server/trpc/types.ts'
import { Graph } from '../chart/lazy-graph.tsx'
import type { PlotLayout, PlotSeries, PlotState } from '../chart/plot-state.ts'
import { findGaps, greatest, niceMax } from '../chart/scale.ts'
import { useClock } from '../ui/clock.tsx'
import { formatCount, formatRate, plural, rateParts } from '../ui/format.ts'
import { clockTime, exactTime } from '../ui/time.ts'

export type Unit = 'bits' | 'packets'

const sync = 'relay'
const main: PlotLayout = { height: 280, xAxis: true, lane: true, tip: 'box', sync, zoom: true }
const small: PlotLayout = { height: 64, xAxis: false, lane: false, tip: 'label', sync, zoom: true }
const last: PlotLayout = { ...small, height: 86, xAxis: true }

export function formatPackets(packets: number): string {
  return `${formatCount(Math.round(packets))} packets/s`
}

const percent = (cpu: number): string => `${(cpu * 100).toFixed(1)} %`

interface Drawn {
  readonly throughput: PlotState
  readonly sessions: PlotState
  readonly cpu: PlotState
}

function draw(points: readonly RelayPoint[], window: { readonly from: number; readonly to: number }, stepMs: number, marks: RelayThroughput['marks'], unit: Unit, hidden: ReadonlySet<string>, zone: string): Drawn {
  const times = points.map(({ at }) => at)
  const known = points.map(({ bitsIn }) => bitsIn)
  const base = {
    ...window, times, marks, gaps: findGaps(times, known, window.to),
    // A step is one value up to the next one, and live points are a second apart.
    reach: Math.max(1500, stepMs * 1.5),
    time: (at: number, seconds: boolean) => clockTime(at, zone, seconds),
    exact: (at: number) => exactTime(at, zone),
  }
  const bits = unit === 'bits'
  const series: PlotSeries[] = [
    { key: 'in', label: 'In', color: '--chart-1', values: points.map((point) => (bits ? point.bitsIn : point.packetsIn)), hidden: hidden.has('in') },
    { key: 'out', label: 'Out', color: '--chart-2', values: points.map((point) => (bits ? point.bitsOut : point.packetsOut)), below: true, hidden: hidden.has('out') },
  ]
  const max = niceMax(greatest(series.filter((one) => !one.hidden).map(({ values }) => values)) * 1.04 || (bits ? 1e6 : 1000), 10)
  // All ticks in the unit of the greatest: the unit is said once.
  const top = rateParts(max)
  const perUnit = max / Number(top.value)
  const sessions = points.map((point) => point.sessions)
  const sessionMax = Math.max(2, 2 * Math.ceil(niceMax(greatest([sessions]), 2) / 2))
  const cpu = points.map((point) => point.cpu)
  return {
    throughput: {
      ...base, series, max,
      unit: bits ? top.unit : 'packets/s',
      tick: (value) => (bits ? String(Number((value / perUnit).toPrecision(3))) : formatCount(value)),
      text: bits ? formatRate : formatPackets,
    },
    sessions: { ...base, marks: [], series: [{ key: 'sessions', label: 'Sessions', color: '--chart-1', values: sessions, stepped: true }], max: sessionMax, unit: '', tick: String, text: (value) => plural(Math.round(value), 'session') },
    cpu: { ...base, marks: [], series: [{ key: 'cpu', label: 'CPU', color: '--chart-1', values: cpu }], max: niceMax(greatest([cpu]) * 1.04, 0.02), unit: '', tick: (value) => String(Number((value * 100).toPrecision(2))), text: percent },
  }
}

/** Throughput as two banks, sessions and CPU below; one crosshair through all three. */
export function RelayGraphs({ name, untold, points, window, stepMs, marks, unit, hidden, onZoom }: {
  readonly name: string
  /** What it does not tell, and is not drawn. */
  readonly untold: { readonly sessions: boolean; readonly cpu: boolean }
  readonly points: readonly RelayPoint[]
  readonly window: { readonly from: number; readonly to: number }
  readonly stepMs: number
  readonly marks: RelayThroughput['marks']
  readonly unit: Unit
  readonly hidden: ReadonlySet<string>
  readonly onZoom: (from: number, to: number) => void
}) {
  const { zone } = useClock()
  const { from, to } = window
  const drawn = useMemo(() => draw(points, { from, to }, stepMs, marks, unit, hidden, zone), [points, from, to, stepMs, marks, unit, hidden, zone])
  const { sessions = null, cpu = null } = points.at(-1) ?? {}
  return (
    <div className="px-2 pt-3 pb-3 card:px-4">
      <Graph label={`Throughput of ${name}: in above the line, out below`} state={drawn.throughput} layout={main} onZoom={onZoom} />
      {!untold.sessions && (
        <>
          <h3 className="mt-3 pl-1 text-12"><b className="font-medium">Sessions</b> <span className="dim text-muted-foreground">{sessions === null ? '' : `${formatCount(Math.round(sessions))} now`}</span></h3>
          <Graph label={`Sessions of ${name}`} state={drawn.sessions} layout={untold.cpu ? last : small} onZoom={onZoom} />
        </>
      )}
      {!untold.cpu && (
        <>
          <h3 className="mt-3 pl-1 text-12"><b className="font-medium">CPU of the agent</b> <span className="dim text-muted-foreground">{cpu === null ? '' : `${percent(cpu)} of one core`}</span></h3>
          <Graph label={`CPU of the agent on ${name}`} state={drawn.cpu} layout={last} onZoom={onZoom} />
        </>
      )}
    </div>
  )
}
