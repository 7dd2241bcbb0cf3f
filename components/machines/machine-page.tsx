'use client'
import { useQuery } from '@tanstack/react-query'
import { Pencil, Tag as TagIcon, Trash2 } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import type { MachineDetail } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { PathPanel } from '../path/path-panel.tsx'
import { useBlocked } from '../settings/blocked.ts'
import { Button, ButtonLink } from '../ui/button.tsx'
import { ErrorNote, Note } from '../ui/error-note.tsx'
import { plural } from '../ui/format.ts'
import { PageTitle } from '../ui/page-title.tsx'
import { Columns } from '../ui/panel.tsx'
import { Tags } from '../ui/tag.tsx'
import { ApproveButton } from './approve-button.tsx'
import { AttributesPanel } from './attributes-panel.tsx'
import { KeyPanel } from './key-panel.tsx'
import { MachineFacts, MachineIdentifiers } from './machine-facts.tsx'
import { MachineStateMark } from './machine-state.tsx'
import { MayReach, MayUse } from './may-use.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { RoutesPanel } from './routes-panel.tsx'

// It brings the policy's parser along, which nothing else on this page needs.
const TagsDialog = dynamic(async () => (await import('./tags-dialog.tsx')).TagsDialog, { ssr: false })

export function MachinePage({ initial }: { readonly initial: MachineDetail }) {
  const trpc = useTRPC()
  const { data: machine, error, refetch } = useQuery({ ...trpc.machine.get.queryOptions({ id: initial.id }), initialData: initial })
  const [open, setOpen] = useState<'rename' | 'tags' | 'remove' | null>(null)
  const blocked = useBlocked()
  const why = blocked === undefined ? {} : { title: blocked, disabled: true }
  const dialog = (name: 'rename' | 'tags' | 'remove') => ({ machine, open: open === name, onOpenChange: (next: boolean) => setOpen(next ? name : null) })

  return (
    <>
      <PageTitle
        title={machine.name}
        beside={<><MachineStateMark machine={machine} brief />{machine.tags.length > 0 && <Tags tags={machine.tags} />}</>}
        answer={<Answer machine={machine} />}
        actions={(
          <>
            {!machine.authorized && <ApproveButton machine={machine} />}
            {machine.isRelay && <ButtonLink href={`/relays/${machine.id}`}>Relay</ButtonLink>}
            <Button action icon={Pencil} onClick={() => setOpen('rename')} {...why}>Rename</Button>
            <Button action icon={TagIcon} onClick={() => setOpen('tags')} {...why}>Tag</Button>
            <Button action icon={Trash2} onClick={() => setOpen('remove')} {...why}>Remove</Button>
          </>
        )}
      />
      {error && <div className="mb-3"><ErrorNote error={error} what="This machine could not be asked for again." retry={() => void refetch()} /></div>}
      {machine.warnings.length > 0 && <div className="mb-3 grid gap-2">{machine.warnings.map((warning) => <Note key={warning} tone="warning">{warning}</Note>)}</div>}
      <Columns
        main={<><MayUse machine={machine} /><RoutesPanel machine={machine} /><MayReach machine={machine} /><PathPanel machine={machine} /></>}
        side={<><MachineFacts machine={machine} /><KeyPanel machine={machine} /><AttributesPanel machine={machine} /><MachineIdentifiers machine={machine} /></>}
      />
      <RenameDialog key={machine.name} {...dialog('rename')} />
      {open === 'tags' && <TagsDialog {...dialog('tags')} />}
      <RemoveDialog {...dialog('remove')} />
    </>
  )
}

function Answer({ machine }: { readonly machine: MachineDetail }) {
  if (!machine.authorized) return <><b>It waits for approval:</b> until then it sees no machine and may use no relay.</>
  if (machine.keyExpired) return <><b>Its key has expired:</b> it sees no machine until it signs in again.</>
  const allowed = machine.relays.filter((relay) => relay.allowed)
  const up = allowed.filter((relay) => relay.up).length
  const relays = machine.relays.length === 0
    ? 'It has no relay to use,'
    : `It may use ${allowed.length} of ${plural(machine.relays.length, 'relay')}${allowed.length > up ? `, ${up} of them up,` : ','}`
  return <><b>{relays}</b> and may reach {plural(machine.reachCount, 'machine')}.</>
}
