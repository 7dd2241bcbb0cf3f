'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { signInPath } from '../door/model/redirect.ts'
import { useClock } from '../ui/clock.tsx'
import { StaleProvider } from '../ui/stale.tsx'
import { lastHeard } from './impatient-socket.ts'
import { isSignedOut } from './signed-out.ts'
import { touchedBy } from './topics.ts'
import { useTRPC, useTRPCClient } from './trpc.ts'

export interface LiveState {
  /** `live`: changes arrive. `connecting`: for less than 2 s not. `stale`: what is shown may no longer be so. */
  readonly state: 'live' | 'connecting' | 'stale'
  /** Since when nothing was heard, milliseconds since the epoch: what is shown is of then. Null while it is live. */
  readonly since: number | null
  readonly retry: () => void
}

const LiveContext = createContext<LiveState>({ state: 'connecting', since: null, retry: () => {} })

/** How the page stands to the server. */
export function useLive(): LiveState {
  return useContext(LiveContext)
}

interface Link {
  /** When the connection was found to be gone: up to some seconds after the last that was heard. Null: it is there. */
  readonly lost: number | null
  readonly since: number | null
  /** It was there once. */
  readonly begun: boolean
}

/** A reconnect shorter than this is not worth a word. */
const patienceMs = 2000
const askMs = 5000

/** Hears what changed and has it asked for again; knows whether the page is live. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const { now } = useClock()
  const [{ lost, since, begun }, setLink] = useState<Link>({ lost: null, since: null, begun: false })

  const { status, reset } = useSubscription(trpc.live.changes.subscriptionOptions(undefined, {
    onConnectionStateChange: ({ state }) => {
      if (state === 'pending') {
        // Whatever changed meanwhile was not heard: at first, since the server made the page.
        if (lost !== null || !begun) void queryClient.invalidateQueries()
        setLink({ lost: null, since: null, begun: true })
      } else if (lost === null) {
        setLink(({ begun: before }) => ({ lost: Date.now(), since: lastHeard() ?? Date.now(), begun: before }))
      }
    },
    onData: ({ topics }) => {
      const names: ReadonlySet<unknown> = touchedBy(topics)
      void queryClient.invalidateQueries({ predicate: ({ queryKey: [path] }) => Array.isArray(path) && names.has(path[0]) })
    },
  }))

  // A subscription that ended with an error does not come back by itself.
  useEffect(() => {
    if (status !== 'error') return
    const timer = setTimeout(reset, 3000)
    return () => clearTimeout(timer)
  }, [status, reset])

  const stale = lost !== null && now - lost >= patienceMs
  const isTroubled = stale || status === 'error'

  // A browser does not tell why a socket is refused. Whose session ended would try for ever: an answer over HTTP says so.
  useEffect(() => {
    if (!isTroubled) return
    // A server that stands still answers none: one question waits, not a queue of them.
    let isAsking = false
    const ask = (): void => {
      if (isAsking) return
      isAsking = true
      client.me.get.query().catch((error: unknown) => {
        if (!isSignedOut(error)) return
        clearInterval(timer)
        window.location.assign(signInPath(window.location.pathname + window.location.search))
      }).finally(() => { isAsking = false })
    }
    const timer = setInterval(ask, askMs)
    ask()
    return () => clearInterval(timer)
  }, [isTroubled, client])

  const state = stale ? 'stale' : status === 'pending' ? 'live' : 'connecting'
  return (
    <LiveContext.Provider value={{ state, since, retry: reset }}>
      <StaleProvider value={stale}>{children}</StaleProvider>
    </LiveContext.Provider>
  )
}
