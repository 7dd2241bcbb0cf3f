'use client'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AuditRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { useClock } from '../ui/clock.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { FilterInput } from '../ui/filter.tsx'
import { PageTitle, Toolbar } from '../ui/page-title.tsx'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { ActivityDay } from './activity-day.tsx'
import { groupByDay } from './model/days.ts'
import { whoDidWhat } from './model/target.ts'
import { useRested } from './use-rested.ts'

export type AuditPage = { readonly rows: AuditRow[]; readonly next: string | null }
type Props = { readonly initial: AuditPage; readonly initialText: string }

const pageSize = 50
const restMs = 300

export function ActivityPage({ initial, initialText }: Props) {
  const trpc = useTRPC()
  const { now, zone } = useClock()
  const [text, setText] = useSearchParam('q', '')
  const asked = useRested(text, restMs).trim().slice(0, 100)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage, isPending } = useInfiniteQuery({
    ...trpc.activity.list.infiniteQueryOptions(
      { limit: pageSize, ...(asked === '' ? {} : { text: asked }) },
      { getNextPageParam: (page) => page.next },
    ),
    placeholderData: keepPreviousData,
    ...(asked === initialText ? { initialData: { pages: [initial], pageParams: [null] } } : {}),
  })
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data])
  // The day's name changes at midnight, not each second.
  const today = Math.floor(now / 60_000) * 60_000
  const days = useMemo(() => groupByDay(rows, new Date(today), zone), [rows, today, zone])
  const latest = rows[0]

  return (
    <>
      <PageTitle title="Activity" answer={latest === undefined ? <><b>Nothing yet.</b> Every change to the network is kept here.</> : <Answer row={latest} filtered={asked !== ''} />} />
      <Toolbar><FilterInput label="Filter by person, action, name" value={text} onChange={setText} /></Toolbar>
      {error && <div className="mb-3"><ErrorNote error={error} what="The activity could not be asked for." retry={() => void refetch()} /></div>}
      {isPending && <Panel><SkeletonRows rows={6} /></Panel>}
      {!isPending && rows.length === 0 && (
        <Panel>
          {asked === ''
            ? <EmptyState title="Nothing has changed yet.">Turn a relay on, save the policy or add a machine: who did it, what it was before and after, and from where, stands here.</EmptyState>
            : <EmptyState title={`Nothing matches “${asked}”.`} action={<Button onClick={() => setText('')}>Show everything</Button>} />}
        </Panel>
      )}
      <div className="grid gap-4">
        {days.map((day) => <ActivityDay key={day.key} day={day} />)}
      </div>
      {hasNextPage && (
        <div className="mt-4"><Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{isFetchingNextPage ? 'Loading' : 'Show older'}</Button></div>
      )}
      {!hasNextPage && rows.length > pageSize && <p className="mt-4 text-12 text-muted-foreground">This is the first entry.</p>}
    </>
  )
}

function Answer({ row, filtered }: { readonly row: AuditRow; readonly filtered: boolean }) {
  return <>{filtered ? 'The latest that matches:' : 'The latest change:'} <b>{whoDidWhat(row.actor.name, row.text)}</b>, <RelativeTime at={row.at} />.</>
}
