'use client'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

export interface Choice<Value extends string> {
  readonly value: Value
  readonly label: ReactNode
  /** How many there are of it. */
  readonly count?: number | undefined
}

/** One of a few, side by side: ranges, tabs of a list. Keep its value in the URL. */
export function Segmented<Value extends string>({ label, value, options, onChange, small = false }: {
  readonly label: string
  readonly value: Value
  readonly options: readonly Choice<Value>[]
  readonly onChange: (value: Value) => void
  readonly small?: boolean
}) {
  return (
    <fieldset aria-label={label} className="bare-scroll m-0 inline-flex max-w-full min-w-0 gap-px overflow-x-auto max-card:flex-wrap rounded-control border bg-surface p-0.5">
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={cx(
            'inline-flex shrink-0 items-center gap-1.5 rounded-[4px] text-12 font-medium whitespace-nowrap text-muted-foreground -outline-offset-2',
            'hover:text-foreground aria-pressed:bg-muted aria-pressed:text-foreground',
            small ? 'h-6 px-[7px]' : 'h-[26px] px-[9px]',
          )}
        >
          {option.label}
          {option.count !== undefined && <span className="font-normal text-muted-foreground">{option.count}</span>}
        </button>
      ))}
    </fieldset>
  )
}
