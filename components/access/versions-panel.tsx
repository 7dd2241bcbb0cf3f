'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { PolicyDocument, PolicyVersionPage, PolicyVersionRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { LineCounts } from './diff-view.tsx'
import { VersionDiff } from './version-diff.tsx'

type Props = {
  readonly initial: PolicyVersionPage
  /** Undefined: the person may not save, so there is nothing to restore for. */
  readonly onRestore: ((version: PolicyDocument) => void) | undefined
}

const pageSize = 50

/** Saved versions, newest first; one that is chosen shows what it changed. The choice stands in the address. */
export function VersionsPanel({ initial, onRestore }: Props) {
  const trpc = useTRPC()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    ...trpc.policy.versions.infiniteQueryOptions({ limit: pageSize }, { getNextPageParam: ({ next }) => next ?? undefined }),
    initialData: { pages: [initial], pageParams: [null] },
    // As old as the page, which may have been open for hours before somebody opens the list.
    initialDataUpdatedAt: 0,
  })
  const versions = useMemo(() => data.pages.flatMap(({ rows }) => rows), [data])
  const [chosenText, choose] = useSearchParam('version', '')
  const [againstText, setAgainst] = useSearchParam('against', '')
  const chosen = numberOf(chosenText)
  const show = (version: number): void => {
    setAgainst('')
    choose(version === chosen ? '' : String(version))
  }
  return (
    <div className="grid gap-4">
      <Panel
        title="Versions"
        {...(hasNextPage ? { footer: <Button size="small" variant="plain" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show older</Button> } : {})}
      >
        {error && <div className="p-3"><ErrorNote error={error} what="The versions could not be asked for again." retry={() => void refetch()} /></div>}
        <div className="max-h-96 overflow-y-auto">
          <Table label="Versions" cards compact>
            <Head><Th num className="w-20">Version</Th><Th>What changed</Th><Th num>Lines</Th><Th>Saved by</Th><Th num>When</Th></Head>
            <tbody>
              {versions.map((version, at) => <VersionRow key={version.version} row={version} isNewest={at === 0} isChosen={version.version === chosen} onShow={show} />)}
            </tbody>
          </Table>
        </div>
      </Panel>
      {chosen !== undefined && (
        <VersionDiff
          key={chosen}
          version={chosen}
          against={numberOf(againstText)}
          known={versions}
          onAgainst={(version) => setAgainst(version === undefined ? '' : String(version))}
          onClose={() => choose('')}
          onRestore={chosen === versions[0]?.version ? undefined : onRestore}
        />
      )}
    </div>
  )
}

/** A version of the address; undefined: none. */
function numberOf(text: string): number | undefined {
  const version = Number(text)
  return Number.isSafeInteger(version) && version > 0 ? version : undefined
}

type RowProps = { readonly row: PolicyVersionRow; readonly isNewest: boolean; readonly isChosen: boolean; readonly onShow: (version: number) => void }

function VersionRow({ row: { version, author, message, createdAt, lines }, isNewest, isChosen, onShow }: RowProps) {
  return (
    <tr aria-selected={isChosen}>
      <Td num card="action" className="max-card:row-start-1">
        <button type="button" className="link min-h-6 min-w-6 text-right" aria-expanded={isChosen} aria-label={`Version ${version}: what it changed`} onClick={() => onShow(version)}>{version}</button>
      </Td>
      <Td card="title" className="max-card:row-start-1 max-card:text-13!">
        {message === '' ? <span className="text-muted-foreground">no message</span> : message}
        {isNewest && <span className="ml-2 text-12 text-muted-foreground">in force</span>}
      </Td>
      <Td num label="Lines">{lines !== null && <LineCounts {...lines} />}</Td>
      <Td label="Saved by">{author}</Td>
      <Td num label="When"><RelativeTime at={createdAt} /></Td>
    </tr>
  )
}
