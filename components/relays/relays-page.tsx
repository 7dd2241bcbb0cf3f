'use client'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { RelayRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useSamples } from '../live/use-samples.ts'
import { useMe } from '../shell/me.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { FilterInput } from '../ui/filter.tsx'
import { PageTitle, Toolbar } from '../ui/page-title.tsx'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Segmented } from '../ui/segmented.tsx'
import { FirstSteps } from './first-steps.tsx'
import { JoinCommand } from './join-command.tsx'
import { OneRelay } from './one-relay.tsx'
import { RelaysAnswer } from './relays-answer.tsx'
import { countShows, toShow, visibleRelays, withSample } from './relays-model.ts'
import { RelaysTable } from './relays-table.tsx'
import { useRelaySwitch } from './use-relay-switch.tsx'

/** Figures are asked for every second while the page is looked at; the sparkline's buckets are 30 s. */
const sparklineMs = 30_000

export function RelaysPage({ initial }: { readonly initial: RelayRow[] }) {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery({ ...trpc.relay.list.queryOptions(), initialData: initial, refetchInterval: sparklineMs })
  const sample = useSamples({})
  const { set, dialog } = useRelaySwitch()
  const [text, setText] = useSearchParam('q', '')
  const [show, setShow] = useSearchParam('show', 'all')
  const [adding, setAdding] = useState(false)
  const mayWrite = useMe().can('write')

  const relays = withSample(data, sample)
  const [only] = relays
  const counts = countShows(relays)
  const shown = withSample(visibleRelays(data, toShow(show), text), sample)
  const young = relays.length < 2
  return (
    <>
      <PageTitle
        title="Relays"
        answer={<RelaysAnswer relays={relays} />}
        actions={young || !mayWrite ? undefined : <Button variant="primary" icon={Plus} action onClick={() => setAdding(true)}>Add relay</Button>}
      />
      {error && <div className="mb-4"><ErrorNote error={error} what="The list could not be brought up to date." retry={() => void refetch()} /></div>}
      {young
        ? <FirstSteps on={only?.state === 'relaying'} relay={only && <OneRelay relay={only} onSwitch={(wanted) => set(only, wanted)} />} />
        : (
            <>
              <Toolbar>
                <FilterInput label="Filter by name, tag, region" value={text} onChange={setText} />
                <Segmented
                  label="Show"
                  value={toShow(show)}
                  onChange={setShow}
                  options={[
                    { value: 'all', label: 'All', count: counts.all },
                    { value: 'relaying', label: 'Relaying', count: counts.relaying },
                    { value: 'attention', label: 'Needs attention', count: counts.attention },
                    { value: 'off', label: 'Off or draining', count: counts.off },
                  ]}
                />
              </Toolbar>
              <Panel>
                {shown.length === 0
                  ? <EmptyState title="No relay matches." action={<Button onClick={() => { setText(''); setShow('all') }}>Show all</Button>}>The filter leaves none of {relays.length}.</EmptyState>
                  : <RelaysTable relays={shown} all={relays} onSwitch={set} />}
              </Panel>
            </>
          )}
      {dialog}
      <Dialog open={adding} onOpenChange={setAdding} wide title="Add relay" actions={<Button onClick={() => setAdding(false)}>Done</Button>}>
        <JoinCommand primary />
      </Dialog>
    </>
  )
}
