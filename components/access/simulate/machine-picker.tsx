'use client'
import { Command } from 'cmdk'
import { ChevronsUpDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useId, useState } from 'react'
import { Icon } from '../../ui/icon.tsx'

export type PickedMachine = { readonly id: number; readonly name: string; readonly tags: readonly string[]; readonly owner: string | null; readonly addresses: readonly string[] }

/** More than this is not listed: a part of a name finds the rest. */
const mostListed = 200

type Props = { readonly label: string; readonly machines: readonly PickedMachine[]; readonly value: number | undefined; readonly onChange: (id: number) => void }

/** One machine, by a part of its name, tag, owner or address. */
export function MachinePicker({ label, machines, value, onChange }: Props) {
  const id = useId()
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const chosen = machines.find((machine) => machine.id === value)
  const found = matching(machines, typed)
  return (
    <div className="max-w-64 min-w-0 flex-1">
      <span id={id} className="mb-1 block text-12 text-muted-foreground">{label}</span>
      <Popover.Root
        open={open}
        onOpenChange={(next) => {
          setOpen(next)
          if (next) setTyped('')
        }}
      >
        <Popover.Trigger
          aria-labelledby={`${id} ${id}-value`}
          className="flex h-8 w-full items-center justify-between gap-2 rounded-control border border-border-strong bg-surface px-2.5 text-left text-13"
        >
          <span id={`${id}-value`} className={chosen === undefined ? 'truncate text-muted-foreground' : 'truncate font-medium'}>{chosen?.name ?? 'Choose a machine'}</span>
          <Icon icon={ChevronsUpDown} small className="shrink-0 text-muted-foreground" />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content align="start" sideOffset={4} collisionPadding={8} aria-label={`${label}: choose a machine`} className="z-50 w-80 max-w-[calc(100vw-16px)] overflow-hidden rounded-panel border bg-raised shadow-pop">
            <Command label={`${label}: choose a machine`} shouldFilter={false}>
              <Command.Input value={typed} onValueChange={setTyped} placeholder="Name, tag, owner or address" className="h-9 w-full border-b bg-transparent px-3 text-13 outline-none placeholder:text-muted-foreground" />
              <Command.List className="max-h-72 overflow-y-auto p-1">
                <Command.Empty className="px-2 py-3 text-13 text-muted-foreground">No machine has this.</Command.Empty>
                {found.slice(0, mostListed).map((machine) => (
                  <Command.Item
                    key={machine.id}
                    value={String(machine.id)}
                    onSelect={() => {
                      onChange(machine.id)
                      setOpen(false)
                    }}
                    className="flex h-8 items-center gap-3 rounded-[5px] px-2 text-13 data-[selected=true]:bg-muted"
                  >
                    <span className="truncate">{machine.name}</span>
                    <span className="ml-auto max-w-40 truncate text-12 text-muted-foreground">{machine.tags.length > 0 ? machine.tags.join(', ') : machine.owner ?? machine.addresses[0]}</span>
                  </Command.Item>
                ))}
              </Command.List>
              {found.length > mostListed && <p className="border-t px-3 py-2 text-12 text-muted-foreground">and {(found.length - mostListed).toLocaleString('en')} more: type a part of the name</p>}
            </Command>
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  )
}

/** Those whose name begins with it come first. */
function matching(machines: readonly PickedMachine[], typed: string): readonly PickedMachine[] {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '') return machines
  const has = (text: string | null | undefined): boolean => text?.toLowerCase().includes(wanted) ?? false
  const found = machines.filter(({ name, tags, owner, addresses }) => has(name) || has(owner) || tags.some(has) || addresses.some(has))
  return found.toSorted((a, b) => Number(b.name.toLowerCase().startsWith(wanted)) - Number(a.name.toLowerCase().startsWith(wanted)))
}
