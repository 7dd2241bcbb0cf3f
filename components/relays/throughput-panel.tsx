'use client'
import { useQuery } from '@tanstack/react-query'
import { Download, Table2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { LiveSample, RelayDetail, RelayPoint, RelayThroughput } from '../../server/trpc/types.ts'
import { download, toCsv } from '../chart/csv.ts'
import { Legend } from '../chart/legend.tsx'
import { useHidden } from '../chart/use-hidden.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { useClock } from '../ui/clock.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatRate } from '../ui/format.ts'
import { Toolbar } from '../ui/page-title.tsx'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Segmented } from '../ui/segmented.tsx'
import { clockTime } from '../ui/time.ts'
import { isUntold } from './client-words.ts'
import { PointsTable } from './points-table.tsx'
import { formatPackets, RelayGraphs } from './relay-graphs.tsx'
import { addLive, merge, pointOf, ranges, refetchOf, spanOf, toRange } from './relay-series.ts'

const rangeNames = { live: 'Live', '15m': '15 min', '1h': '1 h', '24h': '24 h' } as const
const none: RelayThroughput['marks'] = []

/** The seconds since this page looks, and the way to add one. */
export function useLivePoints(id: number): readonly [readonly RelayPoint[], (sample: LiveSample) => void] {
  const [points, setPoints] = useState<readonly RelayPoint[]>([])
  return [points, (sample) => {
    const point = pointOf(sample, id)
    if (point) setPoints((before) => addLive(before, point))
  }]
}

/** The relay's graphs over a range that stands in the address, as a picture or a table, with the figures to download. */
export function ThroughputPanel({ relay, live, initial }: { readonly relay: RelayDetail; readonly live: readonly RelayPoint[]; readonly initial: RelayThroughput }) {
  const trpc = useTRPC()
  const { now, zone } = useClock()
  const [rangeText, setRange] = useSearchParam('range', 'live')
  const [unitText, setUnit] = useSearchParam('unit', 'bits')
  const [view, setView] = useSearchParam('view', 'graph')
  const [zoom, setZoom] = useState<{ readonly from: number; readonly to: number } | null>(null)
  const [hidden, toggle] = useHidden()

  const range = toRange(rangeText)
  const unit = unitText === 'packets' ? 'packets' : 'bits'
  const asked = range === 'live' ? '15m' : range
  const { data: history, error, refetch } = useQuery({
    ...trpc.relay.throughput.queryOptions({ id: relay.id, range: asked }),
    refetchInterval: refetchOf[range],
    placeholderData: (before) => before,
    ...(initial.range === asked ? { initialData: initial } : {}),
  })
  const last = live.at(-1)?.at
  const to = Math.max(last ?? 0, history?.to ?? 0) || now
  const from = to - spanOf[range]
  const points = useMemo(() => merge(history, live, from, to), [history, live, from, to])
  const newest = points.at(-1)
  const window = zoom ?? { from, to }
  const figure = (bits: number | null = null, packets: number | null = null) => {
    const value = unit === 'bits' ? bits : packets
    if (value === null) return '–'
    return unit === 'bits' ? formatRate(value) : formatPackets(value)
  }

  return (
    <div className="min-w-0">
      <Toolbar>
        <Segmented label="Range" value={range} onChange={(next) => { setZoom(null); setRange(next) }} options={ranges.map((value) => ({ value, label: rangeNames[value] }))} />
        <Segmented label="Unit" value={unit} onChange={setUnit} options={[{ value: 'bits', label: 'Bits' }, { value: 'packets', label: 'Packets' }]} />
        <span className="text-12 text-muted-foreground max-card:hidden">
          {clockTime(window.from, zone)} to {clockTime(window.to, zone)}. {zoom ? <button type="button" className="link min-h-6" onClick={() => setZoom(null)}>Whole range</button> : 'Drag to zoom.'}
        </span>
        <span className="ml-auto flex gap-1">
          <Button variant="plain" icon={Table2} aria-pressed={view === 'table'} onClick={() => setView(view === 'table' ? 'graph' : 'table')}>{view === 'table' ? 'Graph' : 'Table'}</Button>
          <Button
            variant="plain"
            icon={Download}
            onClick={() => download(`${relay.name}-${range}.csv`, toCsv(points, [
              { name: 'time', value: ({ at }) => new Date(at).toISOString() },
              { name: 'bits_in_per_s', value: ({ bitsIn }) => bitsIn },
              { name: 'bits_out_per_s', value: ({ bitsOut }) => bitsOut },
              { name: 'packets_in_per_s', value: ({ packetsIn }) => packetsIn },
              { name: 'packets_out_per_s', value: ({ packetsOut }) => packetsOut },
              { name: 'sessions', value: ({ sessions }) => sessions },
              { name: 'cpu_cores', value: ({ cpu }) => cpu },
              { name: 'dropped_per_s', value: ({ dropsPerSecond }) => dropsPerSecond },
            ]))}
          >
            CSV
          </Button>
        </span>
      </Toolbar>
      {error && <div className="mb-3"><ErrorNote error={error} what="The history could not be loaded." retry={() => void refetch()} /></div>}
      <Panel
        title="Throughput"
        beside={(
          <Legend
            hidden={hidden}
            onToggle={toggle}
            entries={[
              { key: 'in', label: 'In', color: '--chart-1', value: figure(newest?.bitsIn, newest?.packetsIn) },
              { key: 'out', label: 'Out', color: '--chart-2', value: figure(newest?.bitsOut, newest?.packetsOut) },
            ]}
          />
        )}
      >
        {view === 'table'
          ? <PointsTable points={points} />
          : (
              <RelayGraphs
                name={relay.name}
                untold={{ sessions: isUntold(relay), cpu: relay.client !== null }}
                points={points}
                window={window}
                stepMs={history?.stepMs ?? 1000}
                marks={history?.marks ?? none}
                unit={unit}
                hidden={hidden}
                onZoom={(zoomFrom, zoomTo) => setZoom({ from: zoomFrom, to: zoomTo })}
              />
            )}
      </Panel>
    </div>
  )
}
