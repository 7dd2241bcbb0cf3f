'use client'
import { useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { Monitor, Waypoints } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Dialog } from 'radix-ui'
import { useTRPC } from '../live/trpc.ts'
import { Icon } from '../ui/icon.tsx'
import { returnFocus } from '../ui/return-focus.ts'
import { pages, settingsPage } from './pages.ts'

const item = 'flex h-9 items-center gap-2.5 rounded-control px-2 text-13 data-[selected=true]:bg-muted'
const group = '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-muted-foreground'

/** By a part of the name or of another word for it (`keywords`, the name first), as the lists' own filters do; names that begin with it come first. */
function rank(_value: string, search: string, keywords: readonly string[] = []): number {
  const wanted = search.trim().toLowerCase()
  if (keywords[0]?.toLowerCase().startsWith(wanted)) return 1
  return keywords.some((word) => word.toLowerCase().includes(wanted)) ? 0.5 : 0
}

/** Ctrl K: goes to a page, a relay or a machine by a part of its name. */
export default function Palette({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const trpc = useTRPC()
  const router = useRouter()
  const relays = useQuery({ ...trpc.relay.list.queryOptions(), enabled: open })
  const machines = useQuery({ ...trpc.machine.list.queryOptions(), enabled: open })
  const go = (href: string) => {
    onOpenChange(false)
    router.push(href)
  }
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[color-mix(in_srgb,var(--foreground)_28%,transparent)] dark:bg-[rgb(0_0_0/.6)]" />
        <Dialog.Content {...returnFocus} aria-describedby={undefined} className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-32px)] max-w-[560px] -translate-x-1/2 overflow-hidden rounded-panel border bg-raised shadow-pop">
          <Dialog.Title className="sr-only">Find</Dialog.Title>
          <Command label="Find machine, relay, page" filter={rank}>
            <Command.Input placeholder="Find machine, relay, page" className="h-11 w-full border-b bg-transparent px-4 text-14 outline-none placeholder:text-muted-foreground" />
            <Command.List className="max-h-[50vh] overflow-y-auto p-2 pt-0">
              <Command.Empty className="px-2 py-4 text-13 text-muted-foreground">Nothing has this in its name.</Command.Empty>
              <Command.Group heading="Pages" className={group}>
                {[...pages, settingsPage].map((page) => (
                  <Command.Item key={page.href} value={page.href} keywords={[page.name, page.also]} onSelect={() => go(page.href)} className={item}>
                    <Icon icon={page.icon} className="text-muted-foreground" />{page.name}
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading="Relays" className={group}>
                {(relays.data ?? []).map((relay) => (
                  <Command.Item key={relay.id} value={`relay ${relay.id}`} keywords={[relay.name]} onSelect={() => go(`/relays/${relay.id}`)} className={item}>
                    <Icon icon={Waypoints} className="text-muted-foreground" />{relay.name}
                    <span className="ml-auto text-12 text-muted-foreground">{relay.state}</span>
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading="Machines" className={group}>
                {(machines.data ?? []).slice(0, 1000).map((machine) => (
                  <Command.Item key={machine.id} value={`machine ${machine.id}`} keywords={[machine.name, ...machine.tags, ...machine.addresses]} onSelect={() => go(`/machines/${machine.id}`)} className={item}>
                    <Icon icon={Monitor} className="text-muted-foreground" />{machine.name}
                    <span className="ml-auto font-mono text-12 text-muted-foreground">{machine.addresses[0]}</span>
                  </Command.Item>
                ))}
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
