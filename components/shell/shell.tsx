'use client'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { type ReactNode, useEffect, useState } from 'react'
import { LiveProvider } from '../live/live-provider.tsx'
import { Logo } from '../ui/logo.tsx'
import { useStale } from '../ui/stale.tsx'
import { MeProvider, type Person } from './me.tsx'
import { Rail } from './rail.tsx'
import { StaleBanner } from './stale-banner.tsx'
import { TopBar } from './topbar.tsx'

// Only who searches loads it.
const Palette = dynamic(() => import('./palette.tsx'), { ssr: false })

function Main({ children }: { readonly children: ReactNode }) {
  const stale = useStale()
  return (
    <main id="content" tabIndex={-1} data-stale-page={stale || undefined} className="col-start-2 w-full max-w-[calc(var(--content)+48px)] min-w-0 justify-self-center px-6 pt-5 pb-12 outline-none max-card:px-4 max-card:pt-4 max-card:pb-8">
      <StaleBanner />
      {children}
    </main>
  )
}

/** The rail, the bar and the page between them. */
export function Shell({ me, children }: { readonly me: Person; readonly children: ReactNode }) {
  const [searching, setSearching] = useState(false)
  const [searched, setSearched] = useState(false)
  const search = (open: boolean) => {
    setSearching(open)
    if (open) setSearched(true)
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      setSearched(true)
      setSearching((open) => !open)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <MeProvider me={me}>
      <LiveProvider>
        <a href="#content" className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-control focus:bg-raised focus:px-3 focus:py-2 focus:text-13">Skip to content</a>
        <div className="shell">
          {/* One banner for the name and the bar, which stand in cells of their own. */}
          <header className="contents">
            <Link href="/" className="rail-link flex h-12 items-center gap-2.5 border-r border-b px-5 text-[15px] font-semibold tracking-[-0.012em] max-card:hidden">
              <Logo className="size-[18px] shrink-0" />
              <span className="unfolded">Towpath</span>
            </Link>
            <TopBar onSearch={() => search(true)} />
          </header>
          <Rail />
          <Main>{children}</Main>
        </div>
        {searched && <Palette open={searching} onOpenChange={search} />}
      </LiveProvider>
    </MeProvider>
  )
}
