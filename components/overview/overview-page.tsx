'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import type { DerpPair, NetworkThroughput, Overview, RelayRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useSamples } from '../live/use-samples.ts'
import { dropWords } from '../relays/drop-words.ts'
import { chamberOf } from '../relays/relay-words.ts'
import { withSessionSample } from '../sessions/sessions-model.ts'
import { useDerpPairs } from '../sessions/use-derp-pairs.ts'
import { SimulateCommand } from '../shell/simulate-command.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { Chamber } from '../ui/chamber.tsx'
import { useClock } from '../ui/clock.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Figures, Rate } from '../ui/figures.tsx'
import { formatCount, formatRate, formatShare, plural } from '../ui/format.ts'
import { PageTitle } from '../ui/page-title.tsx'
import { Columns, Panel } from '../ui/panel.tsx'
import { clockTime } from '../ui/time.ts'
import { Attention } from './attention.tsx'
import { DerpPanel } from './derp-panel.tsx'
import { buildFlows } from './flows.ts'
import { type NetworkPoint, networkPoint } from './network-point.ts'
import { NetworkThroughputPanel } from './network-throughput.tsx'
import { highest } from './peak.ts'
import { Waterway } from './waterway.tsx'

/** Ten minutes of seconds, more than history's steps are behind. */
const mostLive = 600
/** As often as a relay's own page asks: the two say the same of what was dropped. */
const figuresMs = 5000

function Answer({ overview, onDerp }: { readonly overview: Overview; readonly onDerp: number }) {
  const { relaysUp: up, relaysWanted: wanted, attention } = overview
  const relays = wanted === 0
    ? <><b>No relay is on yet.</b> <Link className="link" href="/relays">Turn one on</Link>; every pair without a direct path uses DERP until then.</>
    : up === wanted
      ? <b>{wanted === 1 ? 'The one wanted relay is relaying.' : `All ${wanted} wanted relays are relaying.`}</b>
      : <b>{up} of {wanted} wanted {wanted === 1 ? 'relay is' : 'relays are'} relaying.</b>
  return (
    <>
      {relays}
      {attention.length > 0 && ` ${plural(attention.length, 'thing')} ${attention.length === 1 ? 'needs' : 'need'} you.`}
      {onDerp > 0 && ` ${plural(onDerp, 'pair')} ${onDerp === 1 ? 'goes' : 'go'} over DERP although a relay is granted.`}
    </>
  )
}

function ChangeSinceHour({ now, then }: { readonly now: number; readonly then: number | null }) {
  if (then === null) return <>an hour ago: not known</>
  return <>{now === then ? 'as many as an hour ago' : `${formatCount(Math.abs(now - then))} ${now > then ? 'more' : 'fewer'} than an hour ago`}</>
}

/** Is everything well? */
export function OverviewPage({ initial, throughput, pairs: firstPairs, relays: firstRelays }: {
  readonly initial: Overview
  readonly throughput: NetworkThroughput
  readonly pairs: DerpPair[]
  readonly relays: RelayRow[]
}) {
  const trpc = useTRPC()
  const { zone } = useClock()
  const [live, setLive] = useState<readonly NetworkPoint[]>([])
  const { data, error, refetch } = useQuery({ ...trpc.overview.get.queryOptions(), initialData: initial, refetchInterval: figuresMs })
  const { data: relays } = useQuery({ ...trpc.relay.list.queryOptions(), initialData: firstRelays })
  const { data: sessions } = useQuery(trpc.session.list.queryOptions({ state: 'live', limit: 200 }))
  const { data: machines } = useQuery(trpc.machine.list.queryOptions())

  const sample = useSamples({ sessions: true }, (now) => setLive((before) => [...before, networkPoint(now)].slice(-mostLive)))
  const { pairs } = useDerpPairs(firstPairs, figuresMs, sample)
  const rate = sample ? (networkPoint(sample).relayBits ?? 0) : data.rate
  const peak = highest(data.peak, live)
  const derpRate = sample ? sample.derpBits : data.derpRate
  const count = sample && sample.relays.length > 0 ? sample.relays.reduce((all, relay) => all + relay.sessions, 0) : data.sessions
  const flows = buildFlows(withSessionSample(sessions?.rows ?? [], sample), pairs, machines ?? [])

  return (
    <>
      <PageTitle title="Overview" answer={<Answer overview={data} onDerp={pairs.filter(({ granted }) => granted).length} />} />
      {error && <div className="mb-4"><ErrorNote error={error} what="The figures could not be brought up to date." retry={() => void refetch()} /></div>}
      <Figures
        label="Now"
        items={[
          {
            label: 'Relays up, of those wanted',
            value: <>{data.relaysUp} <span className="text-muted-foreground">of {data.relaysWanted}</span></>,
            note: data.relayStates.length > 0 ? <span className="flex flex-wrap gap-1">{data.relayStates.slice(0, 24).map((state, index) => <Chamber key={`${index} ${state}`} kind={chamberOf[state]} />)}</span> : 'none has joined',
          },
          { label: 'Sessions', value: formatCount(count), note: <ChangeSinceHour now={count} then={data.sessionsHourAgo} /> },
          { label: 'Throughput', value: <Rate bits={rate} />, note: peak ? <>peak {formatRate(peak.rate)}, {clockTime(peak.at.getTime(), zone)}</> : 'no traffic in the last hour' },
          {
            label: 'By path',
            value: rate + derpRate > 0 ? <>{formatShare(rate, rate + derpRate)} <span className="text-muted-foreground">% by relay</span></> : <span className="text-muted-foreground">–</span>,
            note: rate + derpRate > 0
              ? (
                  <span aria-hidden="true" className="flex h-2 w-full gap-0.5">
                    {rate > 0 && <span className="rounded-[1px] bg-chart-1" style={{ flex: rate }} />}
                    {derpRate > 0 && <span className="hatch-derp min-w-1 rounded-[1px]" style={{ flex: derpRate }} />}
                  </span>
                )
              : 'nothing is sent now',
          },
          { label: 'Dropped by relays', value: <>{formatShare(data.dropsLastHour, data.packetsLastHour + data.dropsLastHour)} <span className="text-muted-foreground">%</span></>, note: data.topDrop ? `${plural(data.dropsLastHour, 'datagram')}, most: ${dropWords(data.topDrop).toLowerCase()}` : 'last hour' },
        ]}
      />
      <div className="grid gap-4">
        <Attention items={data.attention} relays={relays} />
        <Columns main={<NetworkThroughputPanel initial={throughput} live={live} />} side={<DerpPanel pairs={pairs} />} />
        <Panel
          title="Who sends through what"
          aside={flows.flows.length > 0 ? <><span className="inline-flex items-center gap-1.5"><span className="inline-block h-1 w-7 bg-chart-1 opacity-55" />relay</span><span className="inline-flex items-center gap-1.5"><span className="inline-block w-7 border-t-[1.5px] border-dashed border-chart-6" />DERP</span></> : undefined}
        >
          {flows.flows.length === 0
            ? (
                <EmptyState
                  title="No pair sends through a relay or DERP now."
                  action={data.relaysWanted === 0 ? <ButtonLink href="/relays" variant="primary">Turn on a relay</ButtonLink> : <div className="w-[420px] max-w-full"><SimulateCommand /></div>}
                >
                  Pairs with a direct path are not seen here.{data.relaysWanted > 0 && ' Two simulated pairs show it with real packets:'}
                </EmptyState>
              )
            : <Waterway flows={flows} relays={relays} />}
        </Panel>
      </div>
    </>
  )
}
