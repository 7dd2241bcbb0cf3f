'use client'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import type { AuthKeyRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { State } from '../ui/chamber.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { None, RelativeTime } from '../ui/figures.tsx'
import { formatCount } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Head, Table, Td, Th, TwoLines } from '../ui/table.tsx'
import { Tags } from '../ui/tag.tsx'
import { useBlocked } from './blocked.ts'
import { keyStateWord, keyWords } from './model/keys.ts'
import { RevokeKeyDialog } from './revoke-dialogs.tsx'

// It brings the policy's parser along, for the tags.
const CreateKeyDialog = dynamic(async () => (await import('./create-key-dialog.tsx')).CreateKeyDialog, { ssr: false })

export function AuthKeysTab({ initial }: { readonly initial: AuthKeyRow[] }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const { data: keys, error, refetch } = useQuery({ ...trpc.authKey.list.queryOptions(), initialData: initial })
  const [fresh, setFresh] = useSearchParam('new', '')
  const [revoking, setRevoking] = useState<AuthKeyRow>()
  const creating = fresh !== '' && blocked === undefined
  const why = blocked === undefined ? {} : { title: blocked, disabled: true }
  const create = <Button variant="primary" size="small" action icon={Plus} onClick={() => setFresh('1')} {...why}>Make a key</Button>

  return (
    <>
      {error && <div className="mb-3"><ErrorNote error={error} what="The keys could not be asked for again." retry={() => void refetch()} /></div>}
      <Panel title="Auth keys" aside={keys.length > 0 ? create : undefined}>
        {keys.length === 0 ? (
          <EmptyState title="No keys." action={create}>A key comes with one command to paste on the machine that is to join.</EmptyState>
        ) : (
          <Table label="Auth keys" cards>
            <Head><Th>Key</Th><Th>State</Th><Th>Kind</Th><Th>Tags</Th><Th num>Uses</Th><Th>Expires</Th><Th>Made by</Th><Th hidden>Actions</Th></Head>
            <tbody>
              {keys.map((key) => (
                <tr key={key.id}>
                  <Td card="title"><TwoLines first={<code className="text-12">{key.prefix}…</code>} second={key.description || 'no description'} /></Td>
                  <Td card="action"><State kind={key.state === 'usable' ? 'full' : 'empty'} word={keyStateWord(key.state)} /></Td>
                  <Td label="Kind">{keyWords(key)}</Td>
                  <Td card={key.tags.length > 0 ? 'wide' : 'none'}>{key.tags.length > 0 ? <Tags tags={key.tags} /> : <None />}</Td>
                  <Td num label="Uses">{formatCount(key.uses)}</Td>
                  <Td label="Expires"><RelativeTime at={key.expiresAt} /></Td>
                  <Td label="Made by"><TwoLines first={key.createdBy} second={<RelativeTime at={key.createdAt} />} /></Td>
                  <Td num card={key.state === 'usable' ? 'action' : 'none'} className="max-card:self-end">
                    {key.state === 'usable' && <Button size="small" action onClick={() => setRevoking(key)} {...why}>Revoke<span className="sr-only"> {key.prefix}</span></Button>}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
      {creating && <CreateKeyDialog tags={fresh === 'relay' ? ['tag:relay'] : []} onClose={() => setFresh('')} />}
      {revoking !== undefined && <RevokeKeyDialog authKey={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  )
}
