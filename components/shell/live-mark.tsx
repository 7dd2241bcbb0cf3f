'use client'
import { useLive } from '../live/live-provider.tsx'
import { useClock } from '../ui/clock.tsx'
import { cx } from '../ui/cx.ts'
import { duration } from '../ui/time.ts'

/** Whether the page is live, in a word; how old it is, when not. */
export function LiveMark() {
  const { state, since } = useLive()
  const { now } = useClock()
  const stale = state === 'stale' && since !== null
  return (
    <span data-live={state} className={cx('inline-flex items-center gap-1.5 text-12 whitespace-nowrap', stale ? 'text-warning' : 'text-muted-foreground')}>
      <i aria-hidden="true" className="live-mark" data-stale={state === 'live' ? undefined : true} />
      {stale ? `Stale for ${duration(now - since)}` : state === 'live' ? 'Live' : 'Connecting'}
    </span>
  )
}
