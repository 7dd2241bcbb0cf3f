'use client'
import { Search } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { Icon } from '../ui/icon.tsx'
import { Logo } from '../ui/logo.tsx'
import { AccountMenu, ThemeMenu } from './account-menu.tsx'
import { LiveMark } from './live-mark.tsx'
import { useMe } from './me.tsx'
import { MobileNav } from './mobile-nav.tsx'
import { isOn, pages } from './pages.ts'

export function TopBar({ onSearch }: { readonly onSearch: () => void }) {
  const { networkName } = useMe()
  const path = usePathname()
  const above = pages.find(({ href }) => href !== '/' && isOn(path, href) && path !== href)
  return (
    <div className="col-start-2 flex h-12 min-w-0 items-center gap-4 border-b bg-background px-6 max-card:sticky max-card:top-0 max-card:z-10 max-card:gap-2 max-card:pr-2 max-card:pl-4">
      <Link href="/" aria-label="Towpath" className="card:hidden"><Logo className="size-[18px]" /></Link>
      <div className="flex min-w-0 items-center gap-2 text-13 whitespace-nowrap">
        <b className="truncate font-medium">{networkName}</b>
        {above && (
          <>
            <span aria-hidden="true" className="text-border-strong max-card:hidden">/</span>
            <Link href={above.href} className="text-muted-foreground hover:text-foreground max-card:hidden">{above.name}</Link>
          </>
        )}
      </div>
      <span className="max-card:ml-auto"><LiveMark /></span>
      <button
        type="button"
        onClick={onSearch}
        aria-keyshortcuts="Control+K Meta+K"
        className="ml-auto flex h-8 w-[280px] min-w-0 items-center gap-2 rounded-control border bg-surface px-2.5 text-13 text-muted-foreground hover:text-foreground max-fig:w-[220px] max-card:hidden"
      >
        <Icon icon={Search} small />
        <span className="flex-1 truncate text-left">Find machine, relay, page</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <span className="-ml-2 flex items-center gap-3 max-card:hidden">
        <ThemeMenu />
        <AccountMenu />
      </span>
      <MobileNav onSearch={onSearch} />
    </div>
  )
}
