'use client'
import { useMutation } from '@tanstack/react-query'
import { KeyRound, RefreshCw } from 'lucide-react'
import { useTRPC } from '../live/trpc.ts'
import { useMe } from '../shell/me.tsx'
import { Button } from '../ui/button.tsx'
import { useClock } from '../ui/clock.tsx'
import { Command } from '../ui/copy.tsx'
import { ErrorNote, Note } from '../ui/error-note.tsx'
import { OptionText } from '../ui/option-text.tsx'
import { calendarDay, clockTime } from '../ui/time.ts'

/** One command for a machine that is to relay: made on request, as it carries a key that works once. */
export function JoinCommand({ primary = false }: { readonly primary?: boolean }) {
  const trpc = useTRPC()
  const { zone } = useClock()
  const me = useMe()
  const { data, error, mutate, isPending } = useMutation(trpc.authKey.create.mutationOptions())
  const make = () => mutate({ description: 'joins a relay', tags: ['tag:relay'], validDays: 1 })
  return (
    <div className="grid gap-3">
      <p className="max-w-[72ch] text-14 text-muted-foreground">
        Run one command there. It installs the agent, starts it under systemd where that runs, and enrols the machine with <code>tag:relay</code>.
        {data && ` The key works once, until ${clockTime(data.row.expiresAt.getTime(), zone)} on ${calendarDay(data.row.expiresAt.getTime(), zone)}.`}
      </p>
      {data ? <Command text={data.joinCommand} what="the join command" /> : null}
      {data?.warning && <Note tone="warning"><OptionText text={data.warning} /></Note>}
      {error && <ErrorNote error={error} what="The key could not be made." />}
      <div className="flex min-h-8 items-center gap-2 text-12 text-muted-foreground">
        {data && <><i aria-hidden="true" className="live-mark" /><span>Waiting for a machine to join</span></>}
        <Button
          variant={data ? 'plain' : primary ? 'primary' : 'outline'}
          icon={data ? RefreshCw : KeyRound}
          action
          busy={isPending}
          disabled={!me.can('write')}
          {...(me.can('write') ? {} : { title: 'Your role is viewer: ask an owner or admin of this network.' })}
          onClick={make}
          className={data ? 'ml-auto' : ''}
        >
          {data ? 'New key' : 'Make the command'}
        </Button>
      </div>
    </div>
  )
}
