'use client'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { ApiTokenRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { State } from '../ui/chamber.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { Panel } from '../ui/panel.tsx'
import { Head, Table, Td, Th, TwoLines } from '../ui/table.tsx'
import { useBlocked } from './blocked.ts'
import { CreateTokenDialog } from './create-token-dialog.tsx'
import { scopesText } from './model/scopes.ts'
import { RevokeTokenDialog } from './revoke-dialogs.tsx'

const stateWords: Readonly<Record<ApiTokenRow['state'], string>> = { usable: 'Usable', expired: 'Expired', revoked: 'Revoked' }

/** Not a page: the API's own answer. */
const openApi = '/api/v1/openapi.json'

export function TokensTab({ initial }: { readonly initial: ApiTokenRow[] }) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const { data: tokens, error, refetch } = useQuery({ ...trpc.apiToken.list.queryOptions(), initialData: initial })
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<ApiTokenRow>()
  const why = blocked === undefined ? {} : { title: blocked, disabled: true }
  const create = <Button variant="primary" size="small" action icon={Plus} onClick={() => setCreating(true)} {...why}>Make a token</Button>

  return (
    <>
      {error && <div className="mb-3"><ErrorNote error={error} what="The tokens could not be asked for again." retry={() => void refetch()} /></div>}
      <Panel
        title="API tokens"
        aside={tokens.length > 0 ? create : undefined}
        footer={<>The API is at <code>/api/v1</code>, described at <a className="link" href={openApi}>{openApi}</a>. Send a token as <code>Authorization: Bearer …</code></>}
      >
        {tokens.length === 0 ? (
          <EmptyState title="No tokens." action={create}>A token lets a program do what you choose, for as long as you choose.</EmptyState>
        ) : (
          <Table label="API tokens" cards>
            <Head><Th>Name</Th><Th>State</Th><Th>May</Th><Th>Expires</Th><Th>Last used</Th><Th>Of</Th><Th hidden>Actions</Th></Head>
            <tbody>
              {tokens.map((token) => (
                <tr key={token.id}>
                  <Td card="title"><TwoLines first={<span className="font-medium">{token.name}</span>} second={<code>{token.prefix}…</code>} /></Td>
                  <Td card="action"><State kind={token.state === 'usable' ? 'full' : 'empty'} word={stateWords[token.state]} /></Td>
                  <Td card="wide" className="text-12 text-muted-foreground">{scopesText(token.scopes)}</Td>
                  <Td label="Expires"><RelativeTime at={token.expiresAt} /></Td>
                  <Td label="Last used">{token.lastUsedAt === null ? <span className="text-muted-foreground">never</span> : <RelativeTime at={token.lastUsedAt} />}</Td>
                  <Td label="Of">{token.owner}</Td>
                  <Td num card={token.state === 'usable' ? 'action' : 'none'}>
                    {token.state === 'usable' && <Button size="small" action onClick={() => setRevoking(token)} {...why}>Revoke<span className="sr-only"> {token.name}</span></Button>}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Panel>
      {creating && <CreateTokenDialog onClose={() => setCreating(false)} />}
      {revoking !== undefined && <RevokeTokenDialog token={revoking} onClose={() => setRevoking(undefined)} />}
    </>
  )
}
