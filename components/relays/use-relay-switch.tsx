'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { RelayRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { sessionsMove } from './relay-words.ts'

type Switched = Pick<RelayRow, 'id' | 'name' | 'sessions' | 'advertised' | 'client'>

export interface RelaySwitching {
  /** Asks before it takes sessions away; else at once. */
  readonly set: (relay: Switched, wanted: boolean) => void
  /** To be rendered once by the page. */
  readonly dialog: ReactNode
}

/** The switch of a relay: the wanted side moves at once, the fill only on the agent's report; what ends sessions says so before. */
export function useRelaySwitch(): RelaySwitching {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState<Switched | null>(null)

  const show = (id: number, advertised: boolean) => {
    queryClient.setQueryData(trpc.relay.list.queryKey(), (rows) => rows?.map((row) => (row.id === id ? { ...row, advertised } : row)))
    queryClient.setQueryData(trpc.relay.get.queryKey({ id }), (detail) => (detail ? { ...detail, advertised } : detail))
  }
  const { mutate } = useMutation(trpc.relay.setAdvertised.mutationOptions({
    onMutate: async ({ id, advertised }) => {
      // An answer that is on its way must not move the switch back.
      await queryClient.cancelQueries(trpc.relay.pathFilter())
      show(id, advertised)
    },
    onError: (error, { id, advertised }) => {
      show(id, !advertised)
      sayError(error)
    },
    onSettled: () => queryClient.invalidateQueries(trpc.relay.pathFilter()),
  }))

  const apply = (relay: Switched, wanted: boolean) => {
    mutate({ id: relay.id, advertised: wanted }, {
      onSuccess: () => {
        if (!wanted) say(relay.sessions > 0 && relay.client === null ? `${relay.name} drains: ${sessionsMove(relay.sessions)}.` : `${relay.name} is turned off.`, () => mutate({ id: relay.id, advertised: true }))
      },
    })
  }
  const close = () => setAsked(null)

  return {
    set: (relay, wanted) => {
      if (!wanted && relay.sessions > 0) setAsked(relay)
      else apply(relay, wanted)
    },
    dialog: (
      <Dialog
        open={asked !== null}
        onOpenChange={(open) => {
          if (!open) close()
        }}
        title={`Turn off ${asked?.name ?? ''}?`}
        description={asked && (
          <>
            {sessionsMove(asked.sessions)}. {asked.client ? 'A stock client ends sessions at once: their packets are lost for some seconds, until both ends go over DERP.' : 'It drains first: it takes no new sessions, and those that run leave by themselves, so nothing is lost. Then it is off.'}
          </>
        )}
        actions={(
          <>
            <Button variant="plain" onClick={close}>Keep on</Button>
            <Button
              variant="primary"
              action
              onClick={() => {
                if (asked) apply(asked, false)
                close()
              }}
            >
              {asked?.client ? 'Turn off' : 'Drain, then turn off'}
            </Button>
          </>
        )}
      />
    ),
  }
}
