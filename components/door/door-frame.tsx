import type { ReactNode } from 'react'
import { Logo } from '../ui/logo.tsx'

/** Water levels, one step each, as a flight of locks: drawn for the eye alone. */
const levels = Array.from({ length: 12 }, (_, at) => ({ x: 120.5 + 56 * at, y: 276.5 + 56 * at }))
const ownLevel = 3

type Props = {
  readonly children: ReactNode
  /** What is known before anybody has signed in, as label and value. */
  readonly facts: readonly (readonly [label: string, value: string])[]
}

/** The page in front of the dashboard: the form on the left bank, the flight of locks on the right. */
export function DoorFrame({ children, facts }: Props) {
  return (
    <div className="grid min-h-dvh grid-cols-1 card:grid-cols-[minmax(0,560px)_minmax(0,1fr)]">
      <main className="flex flex-col border-border bg-surface p-6 card:border-r card:px-22 card:py-10">
        <p className="flex items-center gap-2.5 text-[15px] font-semibold tracking-[-.012em]">
          <Logo className="size-4.5 flex-none" />
          Towpath
        </p>
        <div className="mt-12 mb-8 w-full max-w-96 card:mt-22 card:mb-auto">{children}</div>
      </main>
      <aside aria-label="About this control plane" className="relative min-h-55 overflow-hidden border-t border-border p-6 card:border-t-0 card:px-12 card:py-10">
        <svg aria-hidden="true" className="absolute inset-0 size-full">
          {levels.map(({ x, y }, at) => (
            <path
              key={y}
              d={`M-20 ${y}H${x}V${y - 40}H2600`}
              fill="none"
              stroke={at === ownLevel ? 'var(--accent)' : 'var(--border)'}
              strokeWidth={at === ownLevel ? 2 : 1}
            />
          ))}
        </svg>
        <dl className="relative grid grid-cols-[max-content_minmax(0,1fr)] gap-x-6 gap-y-2 text-12">
          {facts.map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-muted-foreground">{label}</dt>
              <dd className="m-0 font-mono break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </aside>
    </div>
  )
}
