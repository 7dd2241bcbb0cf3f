'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { LiveSample, RelayDetail } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { LiveSessions } from '../sessions/live-sessions.tsx'
import { withSessionSample } from '../sessions/sessions-model.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Panel } from '../ui/panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { isUntold } from './client-words.ts'

const shown = 8

/** Who uses it now, busiest first. */
export function RelaySessions({ relay, sample }: { readonly relay: RelayDetail; readonly sample: LiveSample | null }) {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery(trpc.session.list.queryOptions({ state: 'live', relayId: relay.id, limit: shown }))
  const rows = withSessionSample(data?.rows ?? [], sample)
  return (
    <Panel title="Sessions" aside={<>{data && !isUntold(relay) && `${data.total} now${data.total > shown ? `, ${shown} shown` : ''} · `}<Link className="link" href={`/sessions?state=ended&q=${encodeURIComponent(relay.name)}`}>Ended ones</Link></>}>
      {error && !data
        ? <div className="p-4"><ErrorNote error={error} what="The sessions could not be loaded." retry={() => void refetch()} /></div>
        : !data
            ? <SkeletonRows rows={3} compact />
            : rows.length === 0
              ? <EmptyState title={isUntold(relay) ? 'Not told.' : 'No session now.'}>{isUntold(relay) ? 'A stock client tells its sessions with its owner’s consent alone; what they carry is in the graph.' : relay.advertised ? 'Pairs that may use it bind here when they have no direct path.' : 'Turn it on, and pairs that may use it bind here.'}</EmptyState>
              : <LiveSessions rows={rows} onRelay label={`Sessions of ${relay.name}`} />}
    </Panel>
  )
}
