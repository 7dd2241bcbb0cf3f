'use client'
import { useMutation } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { DerpRegionRow } from '../../../server/trpc/types.ts'
import { useTRPC } from '../../live/trpc.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { describeError, ErrorNote } from '../../ui/error-note.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { say } from '../../ui/toast.tsx'
import { newRegion, newServer, readRegion, typedRegion, type Problems, type TypedRegion } from '../model/derp-form.ts'
import { fieldErrorText } from '../model/field-error.ts'
import { ServerFields } from './server-fields.tsx'

/** More are of no use to a client: it goes through them one by one. */
const maxServers = 16

/** A region of DERP servers elsewhere: a new one, or `region` as it is. */
export function RegionDialog({ region, onClose }: { readonly region?: DerpRegionRow; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const [typed, setTyped] = useState(() => (region === undefined ? newRegion : typedRegion(region)))
  const [problems, setProblems] = useState<Problems>({})
  const save = useMutation(trpc.derp.save.mutationOptions({
    onSuccess: () => {
      say(`The region ${typed.name.trim()} is ${region === undefined ? 'added' : 'changed'}. Every machine is told now.`)
      onClose()
    },
    onError: (error) => {
      const words = describeError(error)
      if (words.path !== undefined) setProblems({ [words.path]: fieldErrorText(words) })
    },
  }))
  const change = (part: Partial<TypedRegion>): void => {
    setTyped({ ...typed, ...part })
    setProblems({})
  }
  const under = (path: string) => (problems[path] === undefined ? {} : { error: problems[path] })
  const isShown = Object.keys(problems).some((path) => path === 'code' || path === 'name' || /^servers\.\d+\.\w+$/.test(path))

  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => { if (!open) onClose() }}
      title={region === undefined ? 'Add a DERP region' : `Edit ${region.name}`}
      description="DERP servers that you run elsewhere. Each has to let the machines of this network in."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          const read = readRegion(typed)
          setProblems(read.ok ? {} : read.problems)
          if (read.ok) save.mutate({ ...(region === undefined ? {} : { id: region.id }), ...read.value })
        }}
      >
        <div className="grid gap-4 map:grid-cols-2">
          <Field label="Code" hint="Small letters, digits and hyphens: clients show it." {...under('code')}>
            <Input mono value={typed.code} maxLength={20} autoComplete="off" onChange={(event) => change({ code: event.target.value })} />
          </Field>
          <Field label="Name" {...under('name')}><Input value={typed.name} maxLength={60} autoComplete="off" onChange={(event) => change({ name: event.target.value })} /></Field>
        </div>
        {typed.servers.map((server, at) => (
          <ServerFields
            // oxlint-disable-next-line react/no-array-index-key -- servers have an order and nothing else to tell them apart while they are typed
            key={at}
            at={at}
            server={server}
            problems={problems}
            onChange={(next) => change({ servers: typed.servers.with(at, next) })}
            {...(typed.servers.length > 1 ? { onRemove: () => change({ servers: typed.servers.toSpliced(at, 1) }) } : {})}
          />
        ))}
        <div>
          <Button size="small" icon={Plus} disabled={typed.servers.length >= maxServers} onClick={() => change({ servers: [...typed.servers, newServer] })}>Add a server</Button>
        </div>
        {save.error && !isShown && <ErrorNote error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button variant="plain" onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" action busy={save.isPending}>{region === undefined ? 'Add the region' : 'Save'}</Button>
        </div>
      </form>
    </Dialog>
  )
}
