'use client'
import type { LucideIcon } from 'lucide-react'
import { Check } from 'lucide-react'
import Link from 'next/link'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'

const item = 'flex h-8 w-full items-center gap-2 rounded-[5px] px-2 text-13 outline-none select-none data-[disabled]:text-muted-foreground data-[highlighted]:bg-muted'

/** `trigger` is one button; the items below it. */
export function Menu({ trigger, align = 'end', children }: { readonly trigger: ReactNode; readonly align?: 'start' | 'end'; readonly children: ReactNode }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={6} collisionPadding={8} className="z-50 min-w-48 rounded-panel border bg-raised p-1 shadow-pop">{children}</Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export function MenuItem({ icon, onSelect, href, danger = false, disabled = false, children }: {
  readonly icon?: LucideIcon
  readonly onSelect?: () => void
  /** It goes to a page instead. */
  readonly href?: string
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly children: ReactNode
}) {
  const inside = <>{icon && <Icon icon={icon} small className="text-muted-foreground" />}{children}</>
  if (href) return <Radix.Item asChild disabled={disabled}><Link href={href} className={item}>{inside}</Link></Radix.Item>
  return <Radix.Item disabled={disabled} onSelect={() => onSelect?.()} className={cx(item, danger && 'text-critical')}>{inside}</Radix.Item>
}

/** One of several, such as the theme. */
export function MenuChoice<Value extends string>({ value, options, onChange }: {
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly label: string; readonly icon?: LucideIcon }[]
  readonly onChange: (value: Value) => void
}) {
  return (
    <Radix.RadioGroup value={value}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} onSelect={() => onChange(option.value)} className={item}>
          {option.icon && <Icon icon={option.icon} small className="text-muted-foreground" />}
          {option.label}
          <Radix.ItemIndicator className="ml-auto"><Icon icon={Check} small /></Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}

export function MenuLabel({ children }: { readonly children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-12 text-muted-foreground">{children}</Radix.Label>
}

export function MenuLine() {
  return <Radix.Separator className="-mx-1 my-1 border-t" />
}
