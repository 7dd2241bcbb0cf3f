'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { plural } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'

export type PolicyVersion = { readonly version: number; readonly author: string; readonly message: string; readonly createdAt: Date }

const first = 5

/** Saved versions, newest first. */
export function VersionsPanel({ initial }: { readonly initial: PolicyVersion[] }) {
  const trpc = useTRPC()
  const { data: versions, error, refetch } = useQuery({ ...trpc.policy.versions.queryOptions(), initialData: initial })
  const [all, setAll] = useState(false)
  const shown = all ? versions : versions.slice(0, first)
  return (
    <Panel
      title="Versions"
      aside={plural(versions.length, 'version')}
      {...(versions.length > first ? { footer: <Button size="small" variant="plain" aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Show the newest only' : `Show all ${versions.length}`}</Button> } : {})}
    >
      {error && <div className="p-3"><ErrorNote error={error} what="The versions could not be asked for again." retry={() => void refetch()} /></div>}
      <Table label="Versions" cards compact>
        <Head><Th num className="w-20">Version</Th><Th>What changed</Th><Th>Saved by</Th><Th num>When</Th></Head>
        <tbody>
          {shown.map(({ version, author, message, createdAt }, at) => (
            <tr key={version}>
              <Td num card="action" className="max-card:row-start-1">{version}</Td>
              <Td card="title" className="max-card:row-start-1 max-card:text-13!">{message === '' ? <span className="text-muted-foreground">no message</span> : message}{at === 0 && <span className="ml-2 text-12 text-muted-foreground">in force</span>}</Td>
              <Td label="Saved by">{author}</Td>
              <Td num label="When"><RelativeTime at={createdAt} /></Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}
