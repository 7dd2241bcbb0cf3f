'use client'
import { useQuery } from '@tanstack/react-query'
import { Download, Table2 } from 'lucide-react'
import { useMemo } from 'react'
import type { NetworkThroughput, Range } from '../../server/trpc/types.ts'
import { download, toCsv } from '../chart/csv.ts'
import { joinLive } from '../chart/join.ts'
import { Graph } from '../chart/lazy-graph.tsx'
import { Legend } from '../chart/legend.tsx'
import type { PlotLayout, PlotState } from '../chart/plot-state.ts'
import { findGaps, greatest, niceMax } from '../chart/scale.ts'
import { useHidden } from '../chart/use-hidden.ts'
import { useTRPC } from '../live/trpc.ts'
import { IconButton } from '../ui/button.tsx'
import { useClock } from '../ui/clock.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Rate } from '../ui/figures.tsx'
import { formatRate, rateParts } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Segmented } from '../ui/segmented.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { clockTime, exactTime } from '../ui/time.ts'
import type { NetworkPoint } from './network-point.ts'

const layout: PlotLayout = { height: 240, xAxis: true, lane: true, tip: 'box', sync: 'overview', zoom: false }
const spans: Readonly<Record<Range, number>> = { '15m': 900_000, '1h': 3_600_000, '24h': 86_400_000 }

export function toNetworkRange(value: string): Range {
  return value === '15m' || value === '24h' ? value : '1h'
}

/** All relays' throughput and DERP's, over a range that stands in the address. */
export function NetworkThroughputPanel({ initial, live }: { readonly initial: NetworkThroughput; readonly live: readonly NetworkPoint[] }) {
  const trpc = useTRPC()
  const { zone } = useClock()
  const [rangeText, setRange] = useSearchParam('range', '1h')
  const [view, setView] = useSearchParam('view', 'graph')
  const [hidden, toggle] = useHidden()
  const range = toNetworkRange(rangeText)
  const { data, error, refetch } = useQuery({
    ...trpc.overview.throughput.queryOptions({ range }),
    refetchInterval: 20_000,
    placeholderData: (before) => before,
    ...(initial.range === range ? { initialData: initial } : {}),
  })
  const to = Math.max(live.at(-1)?.at ?? 0, data?.to ?? 0)
  const from = to - spans[range]
  const points = useMemo(() => joinLive({
    history: data?.points ?? [], stepMs: data?.stepMs ?? 0, live, from, to,
    isKnown: ({ relayBits }) => relayBits !== null, unknownAt: (at) => ({ at, relayBits: null, derpBits: null }),
  }), [data, live, from, to])
  const state = useMemo((): PlotState => {
    const times = points.map(({ at }) => at)
    const relay = points.map(({ relayBits }) => relayBits)
    const derp = points.map(({ derpBits }) => derpBits)
    const max = niceMax(greatest([...(hidden.has('relay') ? [] : [relay]), ...(hidden.has('derp') ? [] : [derp])]) * 1.04 || 1e6, 1000)
    const top = rateParts(max)
    const perUnit = max / Number(top.value)
    return {
      from, to, times, marks: data?.marks ?? [], gaps: findGaps(times, relay, to), reach: Math.max(1500, (data?.stepMs ?? 1000) * 1.5), max, unit: top.unit, text: formatRate,
      series: [
        { key: 'relay', label: 'Relays', color: '--chart-1', values: relay, hidden: hidden.has('relay') },
        { key: 'derp', label: 'DERP', color: '--chart-6', values: derp, dashed: true, hidden: hidden.has('derp') },
      ],
      tick: (value) => String(Number((value / perUnit).toPrecision(3))),
      time: (at, seconds) => clockTime(at, zone, seconds),
      exact: (at) => exactTime(at, zone),
    }
  }, [points, from, to, data, hidden, zone])
  const last = points.at(-1)
  const step = Math.max(1, Math.ceil(points.length / 30))
  return (
    <Panel
      title="Throughput"
      beside={(
        <Legend
          hidden={hidden}
          onToggle={toggle}
          entries={[
            { key: 'relay', label: 'Relays', color: '--chart-1', value: last?.relayBits === null || !last ? '–' : formatRate(last.relayBits) },
            { key: 'derp', label: 'DERP', color: '--chart-6', dashed: true, value: last?.derpBits === null || !last ? '–' : formatRate(last.derpBits) },
          ]}
        />
      )}
      aside={(
        <>
          <Segmented small label="Range" value={range} onChange={setRange} options={[{ value: '15m', label: '15 min' }, { value: '1h', label: '1 h' }, { value: '24h', label: '24 h' }]} />
          <IconButton size="small" icon={Table2} label={view === 'table' ? 'Show as a graph' : 'Show as a table'} aria-pressed={view === 'table'} onClick={() => setView(view === 'table' ? 'graph' : 'table')} />
          <IconButton
            size="small"
            icon={Download}
            label="Download as CSV"
            onClick={() => download(`throughput-${range}.csv`, toCsv(points, [
              { name: 'time', value: ({ at }) => new Date(at).toISOString() },
              { name: 'relay_bits_per_s', value: ({ relayBits }) => relayBits },
              { name: 'derp_bits_per_s', value: ({ derpBits }) => derpBits },
            ]))}
          />
        </>
      )}
    >
      {error && <div className="p-4 pb-0"><ErrorNote error={error} what="The history could not be loaded." retry={() => void refetch()} /></div>}
      {view === 'table'
        ? (
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
            <div className="relative max-h-[260px] overflow-auto" tabIndex={0}>
              <Table label="Throughput" compact>
                <Head><Th>Time</Th><Th num>Relays</Th><Th num>DERP</Th></Head>
                <tbody>
                  {points.filter((_, index) => (points.length - 1 - index) % step === 0).toReversed().map(({ at, relayBits, derpBits }) => (
                    <tr key={at}><Td>{clockTime(at, zone, true)}</Td><Td num><Rate bits={relayBits} /></Td><Td num><Rate bits={derpBits} /></Td></tr>
                  ))}
                </tbody>
              </Table>
            </div>
          )
        : <div className="px-2 pt-3 pb-3 card:px-4"><Graph label="Throughput of all relays and of DERP" state={state} layout={layout} /></div>}
    </Panel>
  )
}
