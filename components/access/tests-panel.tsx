'use client'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX, Plus } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import type { TestOutcome } from '@/policy/index.ts'
import { policyNetwork } from '@/policy/network-file.ts'
import type { MachineRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Icon } from '../ui/icon.tsx'
import { Panel } from '../ui/panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { Tag } from '../ui/tag.tsx'
import type { LocalCheck } from './model/check.ts'
import { claimWords, draftOutcomes } from './model/tests.ts'
import { TestDialog } from './test-dialog.tsx'

/** So many before the rest is asked for. */
const first = 12

type Props = {
  readonly text: string
  /** What the text gives; while it has errors, what it gave before them. */
  readonly check: LocalCheck
  readonly fresh: boolean
  /** As they are now: when they change, tests are run again. */
  readonly machines: readonly MachineRow[]
  readonly readOnly: boolean
  readonly onText: (text: string) => void
  readonly onLine: (line: number) => void
}

/** The draft's tests, run as it is typed with the machines and people of now. */
export function TestsPanel({ text, check, fresh, machines, readOnly, onText, onLine }: Props) {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery(trpc.policy.network.queryOptions())
  const [adding, setAdding] = useState(false)
  const [all, setAll] = useState(false)
  useEffect(() => { void refetch() }, [machines, refetch])
  const network = useMemo(() => data && policyNetwork(data), [data])
  const outcomes = useMemo(() => network && draftOutcomes(check, network), [check, network])
  const failed = outcomes?.filter(({ passed }) => !passed).length ?? 0
  const add = readOnly ? undefined : <Button size="small" icon={Plus} disabled={network === undefined || !fresh} {...(fresh ? {} : { title: 'Correct the errors of the text first.' })} onClick={() => setAdding(true)}>Add a test</Button>
  return (
    <Panel
      title="Tests"
      beside={outcomes !== undefined && outcomes.length > 0 && (
        <output className="text-12 text-muted-foreground">{failed === 0 ? `${outcomes.length === 1 ? 'It holds' : `All ${outcomes.length} hold`}` : `${failed} of ${outcomes.length} fail`}{!fresh && ', before the errors of the text'}</output>
      )}
      aside={add}
      {...(outcomes !== undefined && outcomes.length > 0 ? { footer: <Footer count={outcomes.length} all={all} onAll={() => setAll(!all)} /> } : {})}
    >
      {error && <div className="p-3"><ErrorNote error={error} what="The machines to test with could not be asked for." retry={() => void refetch()} /></div>}
      {outcomes === undefined ? (error ? null : <SkeletonRows rows={3} compact />)
        : outcomes.length === 0 ? <NoTests />
          : <Outcomes outcomes={all ? outcomes : outcomes.slice(0, first)} onLine={onLine} />}
      {adding && network !== undefined && (
        <TestDialog text={text} policy={check.policy} network={network} onClose={() => setAdding(false)} onDone={(next) => { setAdding(false); onText(next) }} />
      )}
    </Panel>
  )
}

function Footer({ count, all, onAll }: { readonly count: number; readonly all: boolean; readonly onAll: () => void }) {
  return (
    <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
      Run at every save; one that fails refuses it.
      {count > first && <Button size="small" variant="plain" aria-expanded={all} onClick={onAll}>{all ? 'Show the first only' : `Show all ${count}`}</Button>}
    </span>
  )
}

function NoTests() {
  return (
    <EmptyState title="No tests yet">
      A test says what must stay so: that the group on call reaches the database on 5432, that nobody else does, that every office may use the relay.
      Tests run at every save, and one that fails refuses it with its line, so that no edit opens or closes by mistake what somebody relies on.
      <code className="mt-2 block font-mono text-12 wrap-anywhere">{'"tests": [{"src": "group:oncall", "accept": ["tag:db:5432"], "deny": ["tag:db:22"]}]'}</code>
    </EmptyState>
  )
}

function Outcomes({ outcomes, onLine }: { readonly outcomes: readonly TestOutcome[]; readonly onLine: (line: number) => void }) {
  return (
    <Table label="Tests" cards compact>
      <Head><Th className="w-24">Now</Th><Th>What must be so</Th><Th>What is so</Th><Th num className="w-20">Line</Th></Head>
      <tbody>
        {outcomes.map((outcome) => {
          const { place, src, target, passed, reason } = outcome
          return (
            <tr key={`${place.offset} ${outcome.expected}`}>
              <Td label="Now"><span className="inline-flex items-center gap-1.5"><Icon icon={passed ? CircleCheck : CircleX} small className={passed ? 'text-positive' : 'text-critical'} />{passed ? 'Holds' : 'Fails'}</span></Td>
              <Td card="title"><span className="inline-flex flex-wrap items-center gap-x-1.5 gap-y-1 font-normal"><Tag>{src}</Tag> {claimWords(outcome)} <Tag>{target}</Tag></span></Td>
              <Td card="wide" className="wrap-anywhere">{reason}</Td>
              <Td num card="action"><button type="button" className="link" onClick={() => onLine(place.line)}><span className="sr-only">Line </span>{place.line}</button></Td>
            </tr>
          )
        })}
      </tbody>
    </Table>
  )
}
