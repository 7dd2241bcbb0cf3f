'use client'
import { Download } from 'lucide-react'
import { type ReactNode, useDeferredValue } from 'react'
import { download, toCsv } from '../chart/csv.ts'
import type { DerpPair } from '../../server/trpc/types.ts'
import { useSamples } from '../live/use-samples.ts'
import { SimulateCommand } from '../shell/simulate-command.tsx'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { FilterInput } from '../ui/filter.tsx'
import { formatRate, plural } from '../ui/format.ts'
import { PageTitle, Toolbar } from '../ui/page-title.tsx'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Segmented } from '../ui/segmented.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { DerpTable } from './derp-table.tsx'
import { EndedSessions } from './ended-sessions.tsx'
import { LiveSessions } from './live-sessions.tsx'
import { totals, withSessionSample } from './sessions-model.ts'
import { useDerpPairs } from './use-derp-pairs.ts'
import { type SessionPage, useSessionPages } from './use-pages.ts'

/** Who is on DERP and why; the rates come each second. */
const derpMs = 3000

/** Who relays what? Running ones, pairs on DERP with why, and ended ones with the reason. */
export function SessionsPage({ initial }: { readonly initial: { readonly text: string; readonly page: SessionPage; readonly pairs: DerpPair[] } }) {
  const [stateText, setState] = useSearchParam('state', 'live')
  const [text, setText] = useSearchParam('q', '')
  const asked = useDeferredValue(text.trim())
  const tab = stateText === 'ended' || stateText === 'derp' ? stateText : 'live'

  const live = useSessionPages('live', asked, { first: asked === initial.text ? initial.page : undefined })
  const ended = useSessionPages('ended', asked, { enabled: tab === 'ended' })
  const sample = useSamples({ sessions: true })
  const derp = useDerpPairs(initial.pairs, derpMs, sample)
  const rows = withSessionSample(live.rows ?? [], sample)
  const wanted = asked.toLowerCase()
  const pairs = derp.pairs.filter(({ a, b }) => wanted === '' || a.name.toLowerCase().includes(wanted) || b.name.toLowerCase().includes(wanted))
  const relays = new Set(rows.map(({ relayId }) => relayId)).size
  const sum = totals(rows)
  const shown = tab === 'live' ? rows : (ended.rows ?? [])
  const more = tab === 'live' ? live : ended

  const answer = live.total === undefined
    ? <>Who relays what, by name.</>
    : (
        <>
          <b>{live.total === 0 ? 'No session now.' : `${plural(live.total, 'session')} over ${plural(relays, 'relay')},`}</b>
          {live.total > 0 && ` ${formatRate(sum.fromA + sum.fromB)}.`}
          {` ${derp.pairs.length === 0 ? 'No pair talks' : `${plural(derp.pairs.length, 'pair')} ${derp.pairs.length === 1 ? 'talks' : 'talk'}`} over DERP; pairs with a direct path are not seen here.`}
        </>
      )
  return (
    <>
      <PageTitle
        title="Sessions"
        answer={answer}
        actions={(
          <Button
            icon={Download}
            disabled={tab === 'derp' || shown.length === 0}
            onClick={() => download(`sessions-${tab}.csv`, toCsv(shown, [
              { name: 'a', value: ({ a }) => a.name },
              { name: 'b', value: ({ b }) => b.name },
              { name: 'relay', value: ({ relayName }) => relayName },
              { name: 'vni', value: ({ vni }) => vni },
              { name: 'began', value: ({ openedAt }) => openedAt.toISOString() },
              { name: 'ended', value: ({ endedAt }) => endedAt?.toISOString() ?? null },
              { name: 'reason', value: ({ reason }) => reason },
              { name: 'bytes_a_to_b', value: ({ bytesFromA }) => bytesFromA },
              { name: 'bytes_b_to_a', value: ({ bytesFromB }) => bytesFromB },
            ]))}
          >
            CSV
          </Button>
        )}
      />
      <Toolbar>
        <FilterInput label="Filter by machine or relay" value={text} onChange={setText} />
        <Segmented
          label="Show"
          value={tab}
          onChange={setState}
          options={[
            { value: 'live', label: 'Now', count: live.total },
            { value: 'derp', label: 'On DERP', count: derp.pairs.length },
            { value: 'ended', label: 'Ended', count: ended.total },
          ]}
        />
      </Toolbar>
      {tab === 'derp'
        ? (
            <List error={derp.error} loading={false} retry={() => void derp.refetch()} empty={pairs.length === 0 && <EmptyState title={asked ? 'No such pair on DERP.' : 'No pair is on DERP.'}>Each pair has a direct path or a relay, or is silent.</EmptyState>}>
              <DerpTable pairs={pairs} />
            </List>
          )
        : tab === 'live'
          ? (
              <List error={live.error} loading={!live.rows} retry={() => void live.refetch()} empty={rows.length === 0 && <NoSession filtered={asked !== ''} />}>
                <LiveSessions label="Running sessions" rows={rows} {...(live.total === undefined ? {} : { total: live.total })} />
              </List>
            )
          : (
              <List error={ended.error} loading={!ended.rows} retry={() => void ended.refetch()} empty={(ended.rows ?? []).length === 0 && <EmptyState title={asked ? 'No ended session matches.' : 'No session has ended yet.'}>Each stays here with the reason it ended.</EmptyState>}>
                <EndedSessions label="Ended sessions" rows={ended.rows ?? []} />
              </List>
            )}
      {tab !== 'derp' && more.hasNextPage && <div className="mt-3"><Button busy={more.isFetchingNextPage} onClick={() => void more.fetchNextPage()}>Show more</Button></div>}
    </>
  )
}

function List({ error, loading, retry, empty, children }: { readonly error: unknown; readonly loading: boolean; readonly retry: () => void; readonly empty: ReactNode; readonly children: ReactNode }) {
  return (
    <Panel>
      {error && loading ? <div className="p-4"><ErrorNote error={error} what="The sessions could not be loaded." retry={retry} /></div> : loading ? <SkeletonRows compact /> : empty || children}
    </Panel>
  )
}

function NoSession({ filtered }: { readonly filtered: boolean }) {
  if (filtered) return <EmptyState title="No running session matches.">The filter takes parts of a machine’s or a relay’s name.</EmptyState>
  return (
    <EmptyState title="No session now." action={<div className="w-[420px] max-w-full"><SimulateCommand /></div>}>
      A session begins when two machines have no direct path and may use a relay that is on. Two simulated pairs show it with real packets:
    </EmptyState>
  )
}
