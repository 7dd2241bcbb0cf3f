'use client'
import { useQuery } from '@tanstack/react-query'
import type { DerpOverview } from '../../../server/trpc/types.ts'
import { useTRPC } from '../../live/trpc.ts'
import { ErrorNote } from '../../ui/error-note.tsx'
import { RegionsPanel } from './regions-panel.tsx'
import { SourcePanel } from './source-panel.tsx'

export function DerpTab({ initial }: { readonly initial: DerpOverview }) {
  const trpc = useTRPC()
  const { data: derp, error, refetch } = useQuery({ ...trpc.derp.list.queryOptions(), initialData: initial })
  return (
    <div className="grid gap-4">
      {error && <ErrorNote error={error} what="The DERP regions could not be asked for again." retry={() => void refetch()} />}
      <RegionsPanel derp={derp} />
      <SourcePanel source={derp.source} />
    </div>
  )
}
