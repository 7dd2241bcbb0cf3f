'use client'
import { useMutation } from '@tanstack/react-query'
import type { DerpOverview, DerpRegionRow } from '../../../server/trpc/types.ts'
import { useTRPC } from '../../live/trpc.ts'
import { plural } from '../../ui/format.ts'
import { say } from '../../ui/toast.tsx'
import { ConfirmDialog } from '../revoke-dialogs.tsx'

function moves(machines: number): string {
  return machines === 0 ? 'No machine has its home there.' : `${plural(machines, 'machine')} that ${machines === 1 ? 'has its' : 'have their'} home there will choose another.`
}

export function RemoveRegionDialog({ region, onClose }: { readonly region: DerpRegionRow; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const remove = useMutation(trpc.derp.remove.mutationOptions({
    onSuccess: () => {
      say(`The region ${region.name} is removed.`)
      onClose()
    },
  }))
  return (
    <ConfirmDialog
      title={`Remove ${region.name}?`} description={`${moves(region.machines)} The servers themselves are not touched.`} verb="Remove" busy={remove.isPending}
      error={remove.error} onConfirm={() => remove.mutate({ id: region.id })} onClose={onClose}
    />
  )
}

export function RemoveSourceDialog({ source, onClose }: { readonly source: DerpOverview['source']; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const remove = useMutation(trpc.derp.setSource.mutationOptions({
    onSuccess: () => {
      say('No regions come from a URL any more.')
      onClose()
    },
  }))
  const machines = source.regions.reduce((sum, region) => sum + region.machines, 0)
  return (
    <ConfirmDialog
      title={`Remove ${plural(source.regions.length, 'region')} from a URL?`} description={moves(machines)} verb="Remove" busy={remove.isPending}
      error={remove.error} onConfirm={() => remove.mutate({ url: '' })} onClose={onClose}
    />
  )
}
