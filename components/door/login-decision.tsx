'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Check, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Login } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button, ButtonLink } from '../ui/button.tsx'
import { ErrorNote, Note } from '../ui/error-note.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { Tags } from '../ui/tag.tsx'
import { useHydrated } from '../ui/use-hydrated.ts'
import { loginOutcome, loginQuestion, nameOf } from './model/login.ts'

type Machine = NonNullable<Login['machine']>
type Props = {
  readonly id: string
  readonly initial: Login
  readonly networkName: string
  /** Whose machine it will be. */
  readonly me: { readonly name: string; readonly email: string }
}

/** A machine that asks to join: what it is, and its person's word. */
export function LoginDecision({ id, initial, networkName, me }: Props) {
  const trpc = useTRPC()
  const hydrated = useHydrated()
  const asked = trpc.login.get.queryOptions({ id })
  const { data: login, error, refetch } = useQuery({ ...asked, initialData: initial, refetchInterval: ({ state }) => (state.data?.state === 'waiting' ? 10_000 : false) })
  const decide = useMutation(trpc.login.decide.mutationOptions({
    onSuccess: () => void refetch(),
    // Somebody else may have been first: then this says what came of it.
    onError: () => void refetch(),
  }))
  const shown = decide.data ?? login
  const { machine } = shown
  if (shown.state !== 'waiting' || machine === null) return <Outcome login={shown} />
  const busy = decide.isPending || !hydrated
  return (
    <div className="grid gap-5">
      <div>
        <h1 className="text-24 font-semibold tracking-[-.02em] break-words">Let {nameOf(machine)} in{machine.returning === null ? '' : ' again'}?</h1>
        <p className="mt-1 text-14 text-muted-foreground">{loginQuestion(machine, networkName)}</p>
      </div>
      <MachineFacts machine={machine} />
      {machine.refusedTags.length > 0
        ? <Note tone="critical">You may not give {machine.refusedTags.join(', ')}. An owner or admin of this network may, by this address; or start the client without {machine.refusedTags.length > 1 ? 'them' : 'it'}.</Note>
        : <Note tone="warning">Let in only what you started yourself: whoever uses it has what you may reach.</Note>}
      {machine.needsApproval && <Note>After you, an owner or admin approves it: new machines wait for that here.</Note>}
      {decide.error && <ErrorNote error={decide.error} />}
      {error && <ErrorNote error={error} what="It could not be asked for again." retry={() => void refetch()} />}
      <div className="flex flex-wrap gap-2">
        <Button
          variant="primary" icon={Check} className="h-9!" busy={decide.isPending && decide.variables.approve} disabled={busy || machine.refusedTags.length > 0}
          onClick={() => decide.mutate({ id, approve: true })}
        >
          Approve
        </Button>
        <Button icon={X} className="h-9!" busy={decide.isPending && !decide.variables.approve} disabled={busy} onClick={() => decide.mutate({ id, approve: false })}>Refuse</Button>
      </div>
      <p className="text-12 break-words text-muted-foreground">Signed in as {me.name}, {me.email}</p>
    </div>
  )
}

function Outcome({ login }: { readonly login: Login }) {
  const { title, text } = loginOutcome(login)
  return (
    <div className="grid gap-4" aria-live="polite">
      <div>
        <h1 className="text-24 font-semibold tracking-[-.02em] break-words">{title}</h1>
        <p className="mt-1 text-14 text-muted-foreground">{text}</p>
      </div>
      <div><ButtonLink href={login.joined === null ? '/machines' : `/machines/${login.joined.id}`}>{login.joined === null ? 'All machines' : `Open ${login.joined.name}`}</ButtonLink></div>
    </div>
  )
}

function MachineFacts({ machine }: { readonly machine: Machine }) {
  const { hostname, os, version, ip, sameAddress, askedAt, ephemeral, tags } = machine
  return (
    <dl className="m-0 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2 rounded-panel border bg-background px-4 py-3 text-13">
      <Row label="Host"><span className="break-words">{hostname || 'does not say'}</span></Row>
      <Row label="System">{os || 'does not say'}</Row>
      <Row label="Client">{version === '' ? 'does not say' : `Tailscale ${version}`}</Row>
      <Row label="Asks from"><code className="text-12 break-all">{ip}</code><span className="block text-12 text-muted-foreground">{sameAddress ? 'the address that you come from' : 'another address than yours'}</span></Row>
      <Row label="Waits since"><RelativeTime at={askedAt} /></Row>
      {tags.length > 0 && <Row label="Tags"><Tags tags={tags} /></Row>}
      {ephemeral && <Row label="Stays">until it goes offline</Row>}
    </dl>
  )
}

function Row({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="m-0 min-w-0">{children}</dd>
    </div>
  )
}
