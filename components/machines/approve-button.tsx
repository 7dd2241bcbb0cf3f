'use client'
import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '../live/trpc.ts'
import { useBlocked } from '../settings/blocked.ts'
import { Button } from '../ui/button.tsx'
import { say, sayError } from '../ui/toast.tsx'

/** Lets a machine that asked to join into the network. */
export function ApproveButton({ machine, size = 'normal' }: { readonly machine: { readonly id: number; readonly name: string }; readonly size?: 'normal' | 'small' }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const approve = useMutation(trpc.machine.approve.mutationOptions({ onSuccess: () => say(`${machine.name} is in the network.`), onError: sayError }))
  return (
    <Button
      action
      size={size}
      variant={size === 'normal' ? 'primary' : 'outline'}
      busy={approve.isPending}
      disabled={blocked !== undefined}
      {...(blocked === undefined ? {} : { title: blocked })}
      onClick={() => approve.mutate({ id: machine.id })}
    >
      Approve<span className="sr-only"> {machine.name}</span>
    </Button>
  )
}
