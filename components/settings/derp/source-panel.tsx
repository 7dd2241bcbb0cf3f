'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { DerpOverview } from '../../../server/trpc/types.ts'
import { useTRPC } from '../../live/trpc.ts'
import { Button } from '../../ui/button.tsx'
import { State } from '../../ui/chamber.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { describeError, Note } from '../../ui/error-note.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { RelativeTime } from '../../ui/figures.tsx'
import { plural } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import { say, sayError } from '../../ui/toast.tsx'
import { useBlocked } from '../blocked.ts'
import { fieldErrorText } from '../model/field-error.ts'
import { RegionRow, RegionsHead } from './regions-panel.tsx'
import { RemoveSourceDialog } from './remove-dialogs.tsx'

type Source = DerpOverview['source']

/** Regions that come from a DERP map at a URL, with its state. */
export function SourcePanel({ source }: { readonly source: Source }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const [removing, setRemoving] = useState(false)
  const why = blocked === undefined ? {} : { title: blocked, disabled: true }
  const refresh = useMutation(trpc.derp.refreshSource.mutationOptions({
    onSuccess: ({ source: now }) => { if (now.error === '') say(`${plural(now.regions.length, 'region')} fetched.`) },
    onError: sayError,
  }))
  return (
    <Panel
      title="Regions from a URL"
      aside={source.url !== '' && (
        <>
          <Button size="small" action busy={refresh.isPending} onClick={() => refresh.mutate()} {...why}>Fetch now</Button>
          <Button size="small" action onClick={() => setRemoving(true)} {...why}>Remove</Button>
        </>
      )}
      footer="The control plane asks for it each day. While that fails, the last good regions stay in use."
    >
      {source.url === ''
        ? <EmptyState title="No URL."><p>A DERP map that somebody publishes, as JSON with <code>Regions</code>: its regions stand beside those above.</p></EmptyState>
        : <div className="px-4 pt-3"><SourceState source={source} /></div>}
      <div className="px-4 pt-1 pb-4"><SourceForm key={source.url} url={source.url} /></div>
      {source.regions.length > 0 && (
        <div className="border-t">
          <Table label="Regions from a URL" cards compact>
            <RegionsHead />
            <tbody>{source.regions.map((region) => <RegionRow key={region.id} region={region} />)}</tbody>
          </Table>
        </div>
      )}
      {removing && <RemoveSourceDialog source={source} onClose={() => setRemoving(false)} />}
    </Panel>
  )
}

function SourceState({ source: { state, error, fetchedAt, triedAt, leftOut } }: { readonly source: Source }) {
  return (
    <div className="grid gap-3 pb-2">
      {state === 'failing'
        ? <State kind="fault" tone="warning" word="Could not be fetched" reason={<>{error}, asked <RelativeTime at={triedAt} />; still in use: those fetched <RelativeTime at={fetchedAt} /></>} />
        : <State kind="full" word="Fetched" reason={<RelativeTime at={fetchedAt} />} />}
      {leftOut.length > 0 && (
        <Note tone="warning">
          Not all of it is used:
          <ul className="m-0 list-none p-0 text-12 text-muted-foreground">{leftOut.map((text) => <li key={text}>{text}</li>)}</ul>
        </Note>
      )}
    </div>
  )
}

function SourceForm({ url }: { readonly url: string }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const [typed, setTyped] = useState(url)
  const save = useMutation(trpc.derp.setSource.mutationOptions({ onSuccess: ({ source }) => say(`${plural(source.regions.length, 'region')} fetched.`) }))
  const problem = save.error === null ? undefined : fieldErrorText(describeError(save.error))
  return (
    <form
      className="flex flex-wrap items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ url: typed })
      }}
    >
      <Field label="URL" hint="Fetched at once; the regions are told to every machine." {...(problem === undefined ? {} : { error: problem })} className="min-w-0 flex-1 basis-60">
        <Input
          type="url"
          value={typed}
          placeholder="https://example.com/derpmap.json"
          disabled={blocked !== undefined}
          autoComplete="off"
          onChange={(event) => {
            setTyped(event.target.value)
            save.reset()
          }}
        />
      </Field>
      <Button
        type="submit" action className="mt-[26px]" busy={save.isPending} disabled={blocked !== undefined || typed.trim() === url || typed.trim() === ''}
        {...(blocked === undefined ? {} : { title: blocked })}
      >
        Save<span className="sr-only"> URL</span>
      </Button>
    </form>
  )
}
