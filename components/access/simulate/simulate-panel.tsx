'use client'
import { useQuery } from '@tanstack/react-query'
import { ArrowLeftRight } from 'lucide-react'
import type { PolicyDocument } from '../../../server/trpc/types.ts'
import { useRested } from '../../activity/use-rested.ts'
import { useTRPCClient } from '../../live/trpc.ts'
import { IconButton } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorNote } from '../../ui/error-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useSearchParam } from '../../ui/search-params.ts'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { SimulationAnswer } from './answer.tsx'
import { MachinePicker, type PickedMachine } from './machine-picker.tsx'

/** How long typing in the policy must rest before the control plane is asked. */
const restMs = 400

type Props = {
  readonly machines: readonly PickedMachine[]
  readonly base: PolicyDocument
  readonly text: string
  readonly changed: boolean
  readonly errors: number
  readonly onLine: (line: number) => void
}

/** Two machines under the policy as it stands in the editor: may they talk, and which relay would carry them. */
export function SimulatePanel({ machines, base, text, changed, errors, onLine }: Props) {
  const [fromText, setFrom] = useSearchParam('from', '')
  const [toText, setTo] = useSearchParam('to', '')
  const [from, to] = [fromText, toText].map((id) => machines.find((machine) => String(machine.id) === id)?.id)
  const isChosen = from !== undefined && to !== undefined && from !== to
  return (
    <Panel title="Simulate" aside={changed ? 'the draft, as it stands' : `version ${base.version}, in force`}>
      {machines.length < 2 ? (
        <EmptyState title="It takes two machines.">Add machines in Machines; what a policy lets two of them do is then shown here.</EmptyState>
      ) : (
        <>
          <div className="flex items-end gap-2 border-b px-4 py-3">
            <MachinePicker label="From" machines={machines} value={from} onChange={(id) => setFrom(String(id))} />
            <IconButton
              icon={ArrowLeftRight}
              label="Swap the two"
              disabled={from === undefined && to === undefined}
              onClick={() => {
                setFrom(toText)
                setTo(fromText)
              }}
            />
            <MachinePicker label="To" machines={machines} value={to} onChange={(id) => setTo(String(id))} />
          </div>
          {isChosen ? <Answered key={`${from} ${to}`} from={from} to={to} version={base.version} draft={changed ? text : undefined} errors={errors} onLine={onLine} /> : (
            <EmptyState title={from !== undefined && from === to ? 'Choose two machines that are not the same.' : 'Choose two machines.'}>
              What each may reach on the other, which relays they may use, which are asked and which one is expected to carry them, each by its line of the policy.
            </EmptyState>
          )}
        </>
      )}
    </Panel>
  )
}

type AnsweredProps = { readonly from: number; readonly to: number; readonly version: number; readonly draft: string | undefined; readonly errors: number; readonly onLine: (line: number) => void }

function Answered({ from, to, version, draft, errors, onLine }: AnsweredProps) {
  const client = useTRPCClient()
  const rested = useRested(draft ?? '', restMs)
  const text = draft === undefined ? undefined : rested
  const { data, error, refetch } = useQuery({
    queryKey: ['policy-simulate', from, to, version, text],
    queryFn: ({ signal }) => client.policy.simulate.mutate({ from, to, ...(text === undefined ? {} : { text }) }, { signal }),
    enabled: errors === 0,
    // Relays come up and go down meanwhile.
    refetchInterval: 10_000,
    // What was found stays until the draft's next answer is there.
    placeholderData: (before) => before,
    gcTime: 30_000,
  })
  if (errors > 0) return <p className="px-4 py-3 text-13 text-muted-foreground">Known once the {errors === 1 ? 'error is' : 'errors are'} corrected.</p>
  return (
    <>
      {error && <div className="p-3"><ErrorNote error={error} what="The two could not be simulated." retry={() => void refetch()} /></div>}
      {data === undefined ? error === null && <SkeletonRows rows={4} compact /> : <SimulationAnswer simulation={data} onLine={onLine} />}
    </>
  )
}
