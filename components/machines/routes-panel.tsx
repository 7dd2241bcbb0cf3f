'use client'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import type { MachineDetail } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useBlocked } from '../settings/blocked.ts'
import { State } from '../ui/chamber.tsx'
import { Command } from '../ui/copy.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Panel } from '../ui/panel.tsx'
import { Switch } from '../ui/switch.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { exitState, routeState, withApproval, type RouteState } from './model/routes.ts'

/** What a stock client offers to route for others: each approved by hand, with what is so beside it. */
export function RoutesPanel({ machine }: { readonly machine: MachineDetail }) {
  const trpc = useTRPC()
  const back = useMutation(trpc.machine.setRoutes.mutationOptions({ onError: sayError }))
  const save = useMutation(trpc.machine.setRoutes.mutationOptions({ onError: sayError }))
  if (machine.kind !== 'client') return null
  const isExit = machine.exitNode === 'approved' || machine.exitNode === 'approved-not-offered'
  const before = withApproval(machine, { exitNode: isExit })

  function change(next: ReturnType<typeof withApproval>, words: string): void {
    const { id } = machine
    save.mutate({ id, ...next }, { onSuccess: () => say(words, () => back.mutate({ id, ...before })) })
  }

  const isEmpty = machine.subnetRoutes.length === 0 && machine.exitNode === 'no'
  return (
    <Panel title="Routes" aside={<Link className="link" href="/access">Policy</Link>} {...(isEmpty ? {} : { footer: 'Who is given a route follows from the policy: a grant into the prefix, or out of it. Linux clients take routes with tailscale set --accept-routes.' })}>
      {isEmpty ? (
        <EmptyState title="It routes for nobody.">
          <p>To let others reach a network behind it, or the internet by way of it, run on it one of:</p>
          <div className="mt-2 grid gap-2">
            <Command text="tailscale set --advertise-routes=192.168.1.0/24" what="the command that offers a route" />
            <Command text="tailscale set --advertise-exit-node" what="the command that offers an exit node" />
          </div>
          <p className="mt-2">What it offers is shown here, to be approved.</p>
        </EmptyState>
      ) : (
        <Table label="Routes" cards>
          <Head><Th>Route</Th><Th>Approved</Th><Th>State</Th></Head>
          <tbody>
            {machine.exitNode !== 'no' && (
              <Row
                name={<span className="font-medium">Exit node</span>} label={`Approve ${machine.name} as an exit node`} wanted={isExit} state={exitState(machine.exitNode, machine)} busy={save.isPending}
                onChange={(exitNode) => change(withApproval(machine, { exitNode }), exitNode ? `${machine.name} is an exit node.` : `${machine.name} is no exit node any more.`)}
              />
            )}
            {machine.subnetRoutes.map((shown) => (
              <Row
                key={shown.route} name={<code className="text-12 break-all">{shown.route}</code>} label={`Approve ${shown.route}`} wanted={shown.approved} state={routeState(shown, machine)}
                busy={save.isPending || (shown.problem !== '' && !shown.approved)}
                onChange={(approved) => change(withApproval(machine, { route: shown.route, approved }), `${shown.route} is ${approved ? 'approved' : 'not approved any more'} on ${machine.name}.`)}
              />
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

function Row({ name, label, wanted, state, busy, onChange }: {
  readonly name: React.ReactNode; readonly label: string; readonly wanted: boolean; readonly state: RouteState; readonly busy: boolean; readonly onChange: (wanted: boolean) => void
}) {
  const blocked = useBlocked()
  return (
    <tr>
      <Td card="title">{name}</Td>
      <Td card="action"><Switch wanted={wanted} actual={state.actual} label={label} disabled={busy || blocked !== undefined} onChange={onChange} {...(blocked === undefined ? {} : { title: blocked })} /></Td>
      <Td card="wide"><State kind={state.look} word={state.word} reason={state.reason} /></Td>
    </tr>
  )
}
