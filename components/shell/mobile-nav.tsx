'use client'
import { LogOut, Menu as MenuIcon, Search, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { signOut, themes } from './account-menu.tsx'
import { useMe } from './me.tsx'
import { pages, settingsPage } from './pages.ts'
import { PageLink, usePageCounts } from './rail.tsx'
import { setTheme, useTheme } from './theme.ts'

/** Below 860 px: pages, search, theme and account behind one button. */
export function MobileNav({ onSearch }: { readonly onSearch: () => void }) {
  const [open, setOpen] = useState(false)
  const counts = usePageCounts()
  const me = useMe()
  const theme = useTheme()
  const close = () => setOpen(false)
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild><IconButton icon={MenuIcon} label="Menu" className="card:hidden" /></Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Content aria-describedby={undefined} className="fixed inset-0 z-50 flex flex-col gap-1 overflow-y-auto bg-background p-4 pt-2 card:hidden">
          <div className="flex items-center justify-between">
            <Dialog.Title className="text-14 font-medium">{me.networkName}</Dialog.Title>
            <Dialog.Close asChild><IconButton icon={X} label="Close menu" /></Dialog.Close>
          </div>
          <nav aria-label="Pages" className="grid gap-1 [&_a]:h-10">
            {[...pages, settingsPage].map((page) => <PageLink key={page.href} page={page} count={counts[page.href]} onSelect={close} />)}
          </nav>
          <Button icon={Search} className="mt-3" onClick={() => { close(); onSearch() }}>Find machine, relay, page</Button>
          <div className="mt-4 flex items-center justify-between gap-4">
            <span className="text-13 text-muted-foreground">Theme</span>
            <Segmented label="Theme" value={theme} options={themes.map(({ value, label }) => ({ value, label }))} onChange={setTheme} />
          </div>
          <div className="mt-2 flex items-center justify-between gap-4">
            <span className="min-w-0 truncate text-13 text-muted-foreground">{me.email}</span>
            <Button icon={LogOut} onClick={() => void signOut()}>Sign out</Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
