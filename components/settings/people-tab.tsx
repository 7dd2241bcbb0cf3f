'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import type { PersonRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { npmRun } from '../shell/commands.ts'
import { useMe } from '../shell/me.tsx'
import { Button } from '../ui/button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { Panel } from '../ui/panel.tsx'
import { Head, Table, Td, Th, TwoLines } from '../ui/table.tsx'
import { say } from '../ui/toast.tsx'
import { useBlocked } from './blocked.ts'
import { InviteDialog } from './invite-dialog.tsx'
import { ConfirmDialog } from './revoke-dialogs.tsx'
import { RoleSelect } from './role-select.tsx'

export function PeopleTab({ initial }: { readonly initial: PersonRow[] }) {
  const trpc = useTRPC()
  const me = useMe()
  const blocked = useBlocked('people')
  const { data: people, error, refetch } = useQuery({ ...trpc.person.list.queryOptions(), initialData: initial })
  const [inviting, setInviting] = useState(false)
  const [removing, setRemoving] = useState<PersonRow>()
  const owners = people.filter(({ role }) => role === 'owner').length
  const why = blocked === undefined ? {} : { title: blocked, disabled: true }

  /** Why a person cannot be removed. */
  function kept(person: PersonRow): string | undefined {
    if (blocked !== undefined) return blocked
    if (person.id === me.id) return 'This is you: another owner can remove you.'
    return person.role === 'owner' && owners === 1 ? 'The only owner stays.' : undefined
  }

  return (
    <>
      {error && <div className="mb-3"><ErrorNote error={error} what="The people could not be asked for again." retry={() => void refetch()} /></div>}
      <Panel
        title="People"
        aside={<Button variant="primary" size="small" action icon={UserPlus} onClick={() => setInviting(true)} {...why}>Invite</Button>}
        footer={<>Locked out? <code>{npmRun('owner-link', me.dataFlag)}</code> on the control plane’s machine lets an owner in again.</>}
      >
        <Table label="People" cards>
          <Head><Th>Name</Th><Th>Role</Th><Th>Last sign-in</Th><Th>Since</Th><Th hidden>Actions</Th></Head>
          <tbody>
            {people.map((person) => {
              const reason = kept(person)
              return (
                <tr key={person.id}>
                  <Td card="title"><TwoLines first={<span className="font-medium">{person.name}{person.id === me.id && <span className="font-normal text-muted-foreground"> (you)</span>}</span>} second={person.email} /></Td>
                  <Td card="wide"><RoleSelect person={person} onlyOwner={person.role === 'owner' && owners === 1} /></Td>
                  <Td label="Last sign-in"><RelativeTime at={person.lastSignIn} /></Td>
                  <Td label="Since"><RelativeTime at={person.createdAt} style="clock" /></Td>
                  <Td num card="action">
                    <Button size="small" action disabled={reason !== undefined} {...(reason === undefined ? {} : { title: reason })} onClick={() => setRemoving(person)}>
                      Remove<span className="sr-only"> {person.name}</span>
                    </Button>
                  </Td>
                </tr>
              )
            })}
          </tbody>
        </Table>
      </Panel>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {removing !== undefined && <RemovePerson person={removing} onClose={() => setRemoving(undefined)} />}
    </>
  )
}

function RemovePerson({ person, onClose }: { readonly person: PersonRow; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const remove = useMutation(trpc.person.remove.mutationOptions({
    onSuccess: () => {
      say(`${person.name} is removed.`)
      onClose()
    },
  }))
  return (
    <ConfirmDialog
      title={`Remove ${person.name}?`}
      description={`${person.email} is signed out at once, and API tokens of that account stop working. Machines stay in the network and belong to nobody. This cannot be undone; another invitation makes a new account.`}
      verb={`Remove ${person.name}`}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ id: person.id })}
      onClose={onClose}
    />
  )
}
