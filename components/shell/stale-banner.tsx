'use client'
import { Unplug } from 'lucide-react'
import { useLive } from '../live/live-provider.tsx'
import { useClock } from '../ui/clock.tsx'
import { Note } from '../ui/error-note.tsx'
import { clockTime, duration } from '../ui/time.ts'

/** Says since when the page is not live, what goes on regardless, and that it comes back by itself. */
export function StaleBanner() {
  const { state, since } = useLive()
  const { now, zone } = useClock()
  if (state !== 'stale' || since === null) return null
  return (
    <Note tone="warning" icon={Unplug} role="alert" className="mb-4">
      <b className="font-medium">Not live for {duration(now - since)}.</b> Numbers are those of {clockTime(since, zone, true)}. The control plane does not answer; relays keep
      relaying without it. The page reconnects by itself.
    </Note>
  )
}
