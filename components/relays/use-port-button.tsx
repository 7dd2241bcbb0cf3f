'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { RelayRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useMe } from '../shell/me.tsx'
import { Button } from '../ui/button.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { portToTry } from './relay-words.ts'

/** The fix of a port that another program has: the next one. Nothing where that is not what is wrong, or for who may not write. */
export function UsePortButton({ relay }: { readonly relay: Pick<RelayRow, 'id' | 'name' | 'state' | 'stateText' | 'port'> }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const mayWrite = useMe().can('write')
  const port = portToTry(relay)
  const { mutateAsync } = useMutation(trpc.relay.configure.mutationOptions())
  const move = useMutation({
    mutationFn: async (next: number) => {
      // The other settings go along as they are now; they may have changed since the page was loaded.
      const now = await queryClient.fetchQuery({ ...trpc.relay.get.queryOptions({ id: relay.id }), staleTime: 0 })
      const { staticEndpoints, region, maxEndpoints, handshakesPerSecond } = now
      return mutateAsync({ id: relay.id, port: next, staticEndpoints, region, maxEndpoints, handshakesPerSecond })
    },
    onSuccess: (detail) => {
      queryClient.setQueryData(trpc.relay.get.queryKey({ id: relay.id }), detail)
      void queryClient.invalidateQueries(trpc.relay.pathFilter())
      void queryClient.invalidateQueries(trpc.overview.pathFilter())
      say(`${relay.name} moves to UDP port ${detail.port}; a firewall in front of it must let that port through.`)
    },
    onError: sayError,
  })
  if (port === null || !mayWrite) return null
  return <Button size="small" action busy={move.isPending} onClick={() => move.mutate(port)}>Use port {port}</Button>
}
