'use client'
import { Route } from 'lucide-react'
import { useState } from 'react'
import type { MachineDetail } from '../../server/trpc/types.ts'
import { useBlocked } from '../settings/blocked.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field, Select } from '../ui/field.tsx'
import { Panel } from '../ui/panel.tsx'
import { PathResult } from './path-result.tsx'
import { PathWaiting } from './path-waiting.tsx'
import { usePathCheck } from './use-path-check.ts'
import { whyNotAsked } from './path-words.ts'

/** Which path has this machine to another one now? Asked of the machine itself. */
export function PathPanel({ machine }: { readonly machine: MachineDetail }) {
  const [chosen, setChosen] = useState('')
  const { ask, path, error, isPending, reset } = usePathCheck()
  const blocked = useBlocked()
  const why = whyNotAsked(machine)
  // An agent answers nobody who asks for a path.
  const peers = machine.reaches.filter(({ kind }) => kind !== 'agent')
  const peer = peers.find(({ id }) => String(id) === chosen) ?? peers[0]
  if (why !== null && machine.kind !== 'client') return <Panel title="Path to another machine"><EmptyState title="Not asked here.">{why}</EmptyState></Panel>
  if (peer === undefined) return <Panel title="Path to another machine"><EmptyState title="It reaches no other peer.">A path is asked for to a client that it may reach; agents have none.</EmptyState></Panel>
  const off = blocked ?? why ?? undefined
  return (
    <Panel title="Path to another machine" pad>
      <div className="grid gap-3">
        <div className="flex items-end gap-2">
          <Field label="To" className="min-w-0 flex-1">
            <Select
              value={String(peer.id)}
              onChange={(event) => {
                setChosen(event.target.value)
                reset()
              }}
            >
              {peers.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
            </Select>
          </Field>
          <Button action icon={Route} busy={isPending} onClick={() => ask({ id: machine.id, peerId: peer.id })} {...(off === undefined ? {} : { title: off, disabled: true })}>Check path</Button>
        </div>
        {why !== null && <p className="text-12 text-muted-foreground">{why}</p>}
        {isPending ? <PathWaiting name={machine.name} /> : error ? <ErrorNote error={error} /> : path ? <PathResult path={path} /> : null}
      </div>
    </Panel>
  )
}
