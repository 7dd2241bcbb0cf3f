'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { MachineDetail } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useBlocked } from '../settings/blocked.ts'
import { Fact, Facts } from '../settings/facts.tsx'
import { ConfirmDialog } from '../settings/revoke-dialogs.tsx'
import { Button } from '../ui/button.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { Panel } from '../ui/panel.tsx'
import { say, sayError } from '../ui/toast.tsx'

/** When a machine's key expires, and what can be done about it without a login. */
export function KeyPanel({ machine }: { readonly machine: MachineDetail }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const [asking, setAsking] = useState(false)
  const { id, name, keyExpiry, keyExpired, keyExpiryDisabled } = machine
  const set = useMutation(trpc.machine.setKeyExpiry.mutationOptions({
    onSuccess: (row) => say(row.keyExpiry === null ? `The key of ${name} does not expire.` : `The key of ${name} is good for another 180 days.`),
    onError: sayError,
  }))
  const expire = useMutation(trpc.machine.expireKey.mutationOptions({
    onSuccess: () => {
      say(`The key of ${name} has expired.`)
      setAsking(false)
    },
  }))
  const why = { disabled: blocked !== undefined, ...(blocked === undefined ? {} : { title: blocked }) }
  const isOwned = machine.owner !== null
  return (
    <Panel title="Key">
      <Facts>
        <Fact label="Expires">
          {keyExpired ? <>expired <RelativeTime at={keyExpiry} /></> : keyExpiry === null ? 'never' : <RelativeTime at={keyExpiry} />}
          {keyExpiry === null && <span className="block text-12 text-muted-foreground">{keyExpiryDisabled ? 'somebody decided so' : machine.tags.length > 0 ? 'machines with tags belong to no person' : 'it belongs to no person'}</span>}
        </Fact>
      </Facts>
      <div className="flex flex-wrap gap-2 border-t px-4 py-3">
        {keyExpiry !== null && <Button size="small" action busy={set.isPending && !set.variables.disabled} onClick={() => set.mutate({ id, disabled: false })} {...why}>Extend</Button>}
        {keyExpiryDisabled && keyExpiry === null && isOwned && <Button size="small" action busy={set.isPending} onClick={() => set.mutate({ id, disabled: false })} {...why}>Let it expire</Button>}
        {!keyExpiryDisabled && isOwned && <Button size="small" action busy={set.isPending && set.variables.disabled} onClick={() => set.mutate({ id, disabled: true })} {...why}>Turn expiry off</Button>}
        {!keyExpired && <Button size="small" action onClick={() => setAsking(true)} {...why}>Expire now</Button>}
      </div>
      {asking && (
        <ConfirmDialog
          title={`Expire the key of ${name}?`}
          description={`It is out of the network at once: it sees no machine, and its sessions end. ${machine.kind === 'client' ? 'Its client asks for a login; ' : 'Its agent needs a new auth key; '}you can also extend the key here.`}
          verb="Expire it"
          busy={expire.isPending}
          error={expire.error}
          onConfirm={() => expire.mutate({ id })}
          onClose={() => setAsking(false)}
        />
      )}
    </Panel>
  )
}
