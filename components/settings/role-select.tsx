'use client'
import { useMutation } from '@tanstack/react-query'
import type { PersonRow, Role } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Select } from '../ui/field.tsx'
import { useStale } from '../ui/stale.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { useBlocked } from './blocked.ts'

export const roleWords: readonly { readonly role: Role; readonly label: string; readonly what: string }[] = [
  { role: 'owner', label: 'Owner', what: 'runs the network and decides who the people are' },
  { role: 'admin', label: 'Admin', what: 'runs the network' },
  { role: 'viewer', label: 'Viewer', what: 'sees everything, changes nothing, may let in machines of their own' },
]

/** A person's role; it counts from their next request on. */
export function RoleSelect({ person, onlyOwner }: { readonly person: PersonRow; readonly onlyOwner: boolean }) {
  const trpc = useTRPC()
  const stale = useStale()
  const blocked = useBlocked('people') ?? (onlyOwner ? 'The only owner stays one: make somebody else an owner first.' : undefined)
  const back = useMutation(trpc.person.setRole.mutationOptions({ onError: sayError }))
  const set = useMutation(trpc.person.setRole.mutationOptions({
    onSuccess: (changed) => say(`${changed.name} is ${changed.role === 'viewer' ? 'a' : 'an'} ${changed.role} now.`, () => back.mutate({ id: person.id, role: person.role })),
    onError: sayError,
  }))
  return (
    <Select
      aria-label={`Role of ${person.name}`}
      className="w-32"
      // What was chosen, until the server says what is.
      value={set.isPending ? set.variables.role : person.role}
      disabled={blocked !== undefined || stale || set.isPending}
      {...(blocked === undefined ? {} : { title: blocked })}
      onChange={(event) => {
        const chosen = roleWords.find(({ role }) => role === event.target.value)
        if (chosen !== undefined) set.mutate({ id: person.id, role: chosen.role })
      }}
    >
      {roleWords.map(({ role, label, what }) => <option key={role} value={role} title={what}>{label}</option>)}
    </Select>
  )
}
