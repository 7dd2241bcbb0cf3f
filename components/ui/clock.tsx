'use client'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'

interface Clock { readonly now: number; readonly zone: string }
const ClockContext = createContext<Clock>({ now: 0, zone: 'UTC' })

/** Bounded: one listener per provider, and there is one; each takes its own away. */
const listeners = new Set<() => void>()
let now = 0
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  now = Date.now()
  timer ??= setInterval(() => {
    if (document.hidden) return
    now = Date.now()
    for (const heard of listeners) heard()
  }, 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
const readNow = (): number => (now === 0 ? (now = Date.now()) : now)
const never = (): (() => void) => () => {}
const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Time and zone as the server rendered with, so that hydration finds the same words; then the viewer's own, each second. */
export function ClockProvider({ now: first, zone: firstZone, children }: { readonly now: number; readonly zone: string; readonly children: ReactNode }) {
  const current = useSyncExternalStore(subscribe, readNow, () => first)
  const zone = useSyncExternalStore(never, ownZone, () => firstZone)
  useEffect(() => {
    // The server renders the next page in it.
    document.cookie = `towpath-zone=${encodeURIComponent(ownZone())}; path=/; max-age=31536000; samesite=lax`
  }, [])
  const clock = useMemo(() => ({ now: current, zone }), [current, zone])
  return <ClockContext.Provider value={clock}>{children}</ClockContext.Provider>
}

/** Milliseconds since the epoch, and the viewer's zone; moves each second. */
export function useClock(): Clock {
  return useContext(ClockContext)
}
