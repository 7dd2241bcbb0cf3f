'use client'
import { Switch as Radix } from 'radix-ui'
import { useStale } from './stale.tsx'

/** What is so, against what is wanted. `met`: the same. `pending`: wanted, not yet. `draining`: not wanted, still so. `failed`: cannot. */
export type Actual = 'met' | 'pending' | 'draining' | 'failed'

/** The block's side is what is wanted; the channel's fill is what is so. */
export function Switch({ wanted, actual = 'met', label, onChange, disabled = false, title }: {
  readonly wanted: boolean
  readonly actual?: Actual
  readonly label: string
  readonly onChange: (wanted: boolean) => void
  readonly disabled?: boolean
  /** Why it cannot be switched. */
  readonly title?: string
}) {
  const stale = useStale()
  return (
    <Radix.Root className="switch" data-actual={actual} aria-label={label} checked={wanted} onCheckedChange={onChange} disabled={disabled || stale} title={title}>
      <span className="target" />
    </Radix.Root>
  )
}
