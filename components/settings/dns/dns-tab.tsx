'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { DnsPage } from '../../../server/trpc/types.ts'
import { useTRPC } from '../../live/trpc.ts'
import { Button } from '../../ui/button.tsx'
import { describeError, ErrorNote, Note } from '../../ui/error-note.tsx'
import { Checkbox, Field, Input, Textarea } from '../../ui/field.tsx'
import { plural } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { say, sayError } from '../../ui/toast.tsx'
import { useBlocked } from '../blocked.ts'
import { fieldErrorText } from '../model/field-error.ts'
import { formOf, inputOf, isChanged, nextKey, placeOf, type DnsForm } from './form.ts'
import { PairRows } from './rows.tsx'

export function DnsTab({ initial }: { readonly initial: DnsPage }) {
  const trpc = useTRPC()
  const { data: saved, error, refetch } = useQuery({ ...trpc.dns.get.queryOptions(), initialData: initial })
  return (
    <>
      {error && <div className="mb-3"><ErrorNote error={error} what="The DNS settings could not be asked for again." retry={() => void refetch()} /></div>}
      {/* What somebody else saved takes the place of what was typed over the old. */}
      <DnsFormView key={JSON.stringify(inputOf(formOf(saved)))} saved={saved} />
    </>
  )
}

function DnsFormView({ saved }: { readonly saved: DnsPage }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const [form, setForm] = useState<DnsForm>(() => formOf(saved))
  const back = useMutation(trpc.dns.save.mutationOptions({ onError: sayError }))
  const save = useMutation(trpc.dns.save.mutationOptions({
    onSuccess: () => say('Clients are told of the new DNS settings.', () => back.mutate(asInput(formOf(saved)))),
  }))
  const words = save.error ? describeError(save.error) : undefined
  const place = placeOf(words?.path, form)
  const errorAt = (name: string): string | undefined => (words !== undefined && place === name ? fieldErrorText(words) : undefined)
  const withError = (name: string) => {
    const text = errorAt(name)
    return text === undefined ? {} : { error: text }
  }
  const off = blocked !== undefined
  const domain = form.domain.trim().toLowerCase()

  function change(part: Partial<DnsForm>): void {
    setForm({ ...form, ...part })
    if (save.error) save.reset()
  }

  return (
    <form
      className="grid grid-cols-1 gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate(asInput(form))
      }}
    >
      <Panel title="Names" pad>
        <div className="grid gap-4">
          <Checkbox label="MagicDNS" hint="Machines find each other by name." checked={form.magicDns} disabled={off} onChange={(magicDns) => change({ magicDns })} />
          <Field label="Domain" hint={`A machine called laptop is laptop.${domain || '…'}`} {...withError('domain')}>
            <Input mono value={form.domain} disabled={off} autoComplete="off" spellCheck={false} onChange={(event) => change({ domain: event.target.value })} />
          </Field>
          {domain !== saved.domain && domain !== '' && (
            <Note tone="warning">This renames {saved.machines === 0 ? 'every machine' : `all ${plural(saved.machines, 'machine')}`}: names that end in {saved.domain} lead nowhere as soon as it is saved.</Note>
          )}
          <Field label="Search domains" hint="One a line; tried behind a name without a dot, after the network’s own." {...withError('searchDomains')}>
            <Textarea mono rows={2} value={form.searchDomains} disabled={off} placeholder="corp.example.com" spellCheck={false} onChange={(event) => change({ searchDomains: event.target.value })} />
          </Field>
        </div>
      </Panel>
      <Panel title="Resolvers" pad>
        <Field label="For every name" hint="One a line: 9.9.9.9, 192.0.2.53:5353, or https:// of a provider that Tailscale knows. None: each machine asks its own." {...withError('resolvers')}>
          <Textarea mono rows={2} value={form.resolvers} disabled={off} placeholder="9.9.9.9" spellCheck={false} onChange={(event) => change({ resolvers: event.target.value })} />
        </Field>
      </Panel>
      <Panel title="Split DNS" pad>
        <PairRows
          rows={form.routes.map(({ key, suffix, resolvers }) => ({
            key, cells: [
              { name: 'suffix', label: 'Names below', placeholder: 'corp.example.com', value: suffix, error: errorAt(`routes.${key}.suffix`) },
              { name: 'resolvers', label: 'Are asked of', placeholder: '10.0.0.53, 10.0.0.54', value: resolvers, error: errorAt(`routes.${key}.resolvers`) },
            ],
          }))}
          add="Add a suffix" disabled={off} empty="No names are asked of a resolver of their own." what={(suffix) => `Take ${suffix || 'the empty suffix'} away`}
          onAdd={() => change({ routes: [...form.routes, { key: nextKey(form.routes), suffix: '', resolvers: '' }] })}
          onRemove={(key) => change({ routes: form.routes.filter((row) => row.key !== key) })}
          onChange={(key, name, value) => change({ routes: form.routes.map((row) => (row.key === key ? { ...row, [name]: value } : row)) })}
        />
      </Panel>
      <Panel title="Records of your own" pad>
        <PairRows
          rows={form.records.map(({ key, name, value }) => ({
            key, cells: [
              { name: 'name', label: 'Name', placeholder: `printer.${domain || 'net.example.com'}`, value: name, error: errorAt(`records.${key}.name`) },
              { name: 'value', label: 'Address', placeholder: '10.0.0.9', value, error: errorAt(`records.${key}.value`) },
            ],
          }))}
          add="Add a record" disabled={off} empty="No names beside those of machines." what={(name) => `Take ${name || 'the empty record'} away`}
          onAdd={() => change({ records: [...form.records, { key: nextKey(form.records), name: '', value: '' }] })}
          onRemove={(key) => change({ records: form.records.filter((row) => row.key !== key) })}
          onChange={(key, name, value) => change({ records: form.records.map((row) => (row.key === key ? { ...row, [name]: value } : row)) })}
        />
      </Panel>
      {save.error && place === undefined && <ErrorNote error={save.error} />}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" action busy={save.isPending} disabled={off || !isChanged(form, saved)} {...(blocked === undefined ? {} : { title: blocked })}>Save DNS</Button>
        {isChanged(form, saved) && <Button variant="plain" onClick={() => { setForm(formOf(saved)); save.reset() }}>Undo all</Button>}
        {place !== undefined && <span className="text-13 text-critical">Nothing is saved yet: see the marked field.</span>}
      </div>
    </form>
  )
}

/** Of the two values that the verb takes. */
function asInput(form: DnsForm) {
  const input = inputOf(form)
  return { ...input, magicDns: input.magicDns ? true as const : false as const }
}
