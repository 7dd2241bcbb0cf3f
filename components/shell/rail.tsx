'use client'
import { useQuery } from '@tanstack/react-query'
import { PanelLeft } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useTRPC } from '../live/trpc.ts'
import { cx } from '../ui/cx.ts'
import { Icon } from '../ui/icon.tsx'
import { useMe } from './me.tsx'
import { isOn, type PageEntry, pages, settingsPage } from './pages.ts'
import { toggleRail } from './theme.ts'

const link = 'rail-link flex h-8 items-center gap-2.5 rounded-control px-2 text-13 font-medium text-muted-foreground hover:bg-muted hover:text-foreground aria-[current]:bg-muted aria-[current]:text-foreground [&[aria-current]_svg]:text-accent'

/** How many there are, beside a page's name; undefined until it is known. */
export function usePageCounts(): Readonly<Record<string, number | undefined>> {
  const trpc = useTRPC()
  const { data } = useQuery(trpc.overview.get.queryOptions())
  return data ? { '/relays': data.relayStates.length, '/sessions': data.sessions, '/machines': data.machines } : {}
}

export function PageLink({ page, count, onSelect }: { readonly page: PageEntry; readonly count?: number | undefined; readonly onSelect?: () => void }) {
  const current = isOn(usePathname(), page.href)
  return (
    <Link href={page.href} className={link} title={page.name} {...(current ? { 'aria-current': 'page' as const } : {})} {...(onSelect ? { onClick: onSelect } : {})}>
      <Icon icon={page.icon} />
      <span className="unfolded">{page.name}</span>
      {count !== undefined && count > 0 && <span className="unfolded ml-auto text-12 font-normal text-muted-foreground">{count}</span>}
    </Link>
  )
}

export function Rail() {
  const counts = usePageCounts()
  const { version } = useMe()
  return (
    <div className="border-r max-card:hidden">
      <nav aria-label="Pages" className="sticky top-0 flex h-[calc(100dvh-var(--topbar))] flex-col gap-px px-3 pt-2 pb-3">
        {pages.map((page) => <PageLink key={page.href} page={page} count={counts[page.href]} />)}
        <div className="flex-1" />
        <PageLink page={settingsPage} />
        <button type="button" onClick={toggleRail} title="Fold or unfold" className={cx(link, 'rail-none')}>
          <Icon icon={PanelLeft} />
          <span className="unfolded">Collapse</span>
        </button>
        <div className="rail-none rail-wide-only p-2 text-12 text-muted-foreground">Towpath {version}</div>
      </nav>
    </div>
  )
}
