'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { RelayDetail } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { describeError, ErrorNote } from '../ui/error-note.tsx'
import { Field, Input, Textarea } from '../ui/field.tsx'
import { say } from '../ui/toast.tsx'
import { fieldOf, readForm, type RelayForm, type RelayFormErrors } from './edit-model.ts'
import { sessionsMove } from './relay-words.ts'

/** Port, static addresses, region and limits of one relay; each complaint at its field. */
export function EditDialog({ relay, open, onOpenChange }: { readonly relay: RelayDetail; readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} wide title={`Settings of ${relay.name}`}>
      {open && <EditForm relay={relay} onDone={() => onOpenChange(false)} />}
    </Dialog>
  )
}

function EditForm({ relay, onDone }: { readonly relay: RelayDetail; readonly onDone: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const formId = useId()
  const [form, setForm] = useState<RelayForm>({
    port: String(relay.port), staticEndpoints: relay.staticEndpoints.join('\n'), region: relay.region,
    maxEndpoints: String(relay.maxEndpoints), handshakesPerSecond: String(relay.handshakesPerSecond),
  })
  const [errors, setErrors] = useState<RelayFormErrors>({})
  const { mutate, isPending, error } = useMutation(trpc.relay.configure.mutationOptions({
    onSuccess: (detail) => {
      queryClient.setQueryData(trpc.relay.get.queryKey({ id: relay.id }), detail)
      void queryClient.invalidateQueries(trpc.relay.pathFilter())
      say(`Settings of ${relay.name} are saved; its ${relay.client ? 'client' : 'agent'} takes them over.`)
      onDone()
    },
    onError: (refused) => {
      const { path, text } = describeError(refused)
      const field = fieldOf(path)
      if (field) setErrors({ [field]: text })
    },
  }))
  const set = (name: keyof RelayForm) => (event: { readonly target: { readonly value: string } }) => {
    setForm((before) => ({ ...before, [name]: event.target.value }))
    setErrors((before) => ({ ...before, [name]: undefined }))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readForm(form)
    if ('errors' in read) setErrors(read.errors)
    else mutate({ id: relay.id, ...read.input })
  }
  const moves = form.port !== String(relay.port) && relay.sessions > 0
  const theirs = relay.client && !relay.client.remoteConfig ? 'Set on the machine itself, until its owner lets this network.' : undefined
  const elsewhere = error && fieldOf(describeError(error).path) === undefined
  return (
    <form id={formId} onSubmit={submit} noValidate className="grid gap-4">
      <div className="grid grid-cols-2 gap-4 max-card:grid-cols-1">
        <Field label="UDP port" error={errors.port} hint={theirs ?? (moves ? `A new port rebinds: ${sessionsMove(relay.sessions)} and back.` : undefined)}><Input disabled={theirs !== undefined} inputMode="numeric" value={form.port} onChange={set('port')} /></Field>
        <Field label="Region" error={errors.region} hint="A short word for people, such as fra."><Input value={form.region} onChange={set('region')} /></Field>
      </div>
      <Field label="Static addresses" error={errors.staticEndpoints} hint={theirs ?? 'One a line, with the port. For a machine behind a port forwarding that it cannot see.'}><Textarea disabled={theirs !== undefined} mono rows={3} spellCheck={false} value={form.staticEndpoints} onChange={set('staticEndpoints')} placeholder="203.0.113.18:40000" /></Field>
      {relay.client === null && <div className="grid grid-cols-2 gap-4 max-card:grid-cols-1">
        <Field label="Endpoint limit" error={errors.maxEndpoints} hint="Pairs at the same time, at most 65,536."><Input inputMode="numeric" value={form.maxEndpoints} onChange={set('maxEndpoints')} /></Field>
        <Field label="Handshakes a second" error={errors.handshakesPerSecond} hint="From one source address."><Input inputMode="numeric" value={form.handshakesPerSecond} onChange={set('handshakesPerSecond')} /></Field>
      </div>}
      {elsewhere && <ErrorNote error={error} what="Nothing was saved." />}
      <div className="flex justify-end gap-2">
        <Button variant="plain" onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" action busy={isPending}>Save settings</Button>
      </div>
    </form>
  )
}
