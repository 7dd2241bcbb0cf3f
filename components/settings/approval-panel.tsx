'use client'
import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '../live/trpc.ts'
import { Panel } from '../ui/panel.tsx'
import { Switch } from '../ui/switch.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { useBlocked } from './blocked.ts'

/** Whether machines that people bring wait for an owner or admin. */
export function ApprovalPanel({ on }: { readonly on: boolean }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const save = useMutation(trpc.setting.update.mutationOptions({
    onSuccess: ({ machineApproval }) => say(machineApproval ? 'New machines wait for approval.' : 'New machines are in at once.'),
    onError: sayError,
  }))
  const wanted = save.isPending ? save.variables.machineApproval ?? on : on
  return (
    <Panel title="Machine approval" pad>
      <div className="flex items-start gap-3">
        <Switch
          wanted={wanted} actual={wanted === on ? 'met' : 'pending'} label="New machines wait for approval"
          disabled={blocked !== undefined} {...(blocked === undefined ? {} : { title: blocked })}
          onChange={(machineApproval) => save.mutate({ machineApproval })}
        />
        <div className="min-w-0 text-13">
          <p className="font-medium">New machines wait for approval</p>
          <p className="mt-1 text-12 text-muted-foreground">
            One with a Tailscale client sees nobody until an owner or admin approves it on the Machines page. One that an owner or admin signs in, or that has a pre-approved auth key, does not wait. Machines that are in stay in.
          </p>
        </div>
      </div>
    </Panel>
  )
}
