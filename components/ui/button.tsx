'use client'
import type { LucideIcon } from 'lucide-react'
import Link from 'next/link'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'
import { useStale } from './stale.tsx'

export type ButtonVariant = 'primary' | 'outline' | 'plain' | 'danger'
type Size = 'normal' | 'small'

const variants: Record<ButtonVariant, string> = {
  primary: 'border-accent bg-accent text-accent-foreground enabled:hover:bg-accent-hover [a&]:hover:bg-accent-hover',
  outline: 'border-border bg-surface text-foreground enabled:hover:bg-muted [a&]:hover:bg-muted',
  plain: 'border-transparent text-muted-foreground aria-pressed:bg-muted aria-pressed:text-foreground enabled:hover:bg-muted enabled:hover:text-foreground [a&]:hover:bg-muted [a&]:hover:text-foreground',
  danger: 'border-critical bg-critical text-critical-foreground enabled:hover:brightness-95',
}

/** The look of a button, for what is one by role but another element. */
export function buttonClass(variant: ButtonVariant = 'outline', size: Size = 'normal', square = false): string {
  return cx(
    'inline-flex shrink-0 cursor-default items-center justify-center border font-medium whitespace-nowrap transition-colors select-none',
    'disabled:border-border disabled:bg-muted disabled:text-muted-foreground',
    'aria-disabled:border-border! aria-disabled:bg-muted! aria-disabled:text-muted-foreground!',
    size === 'normal' ? 'h-8 gap-1.5 rounded-control text-13' : 'h-6 gap-[5px] rounded-[5px] text-12',
    square ? (size === 'normal' ? 'w-8' : 'w-6') : size === 'normal' ? 'px-3' : 'px-2',
    variants[variant],
  )
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly variant?: ButtonVariant
  readonly size?: Size
  readonly icon?: LucideIcon
  /** It changes something on the server: off while the page is not live, and while `busy`. */
  readonly action?: boolean
  readonly busy?: boolean
  /** Why it cannot be pressed now. It stays in the tab order, so that the keyboard reaches the reason; pressing it should say it. */
  readonly why?: string | undefined
  readonly ref?: Ref<HTMLButtonElement>
}

/** A verb. One `primary` a page; `danger` only in the dialog of what cannot be undone. */
export function Button({ variant = 'outline', size = 'normal', icon, action = false, busy = false, why, className, children, disabled, type = 'button', ...rest }: ButtonProps) {
  const stale = useStale()
  return (
    <button
      {...(why === undefined ? {} : { 'aria-disabled': true, title: why })}
      {...rest}
      // oxlint-disable-next-line react/button-has-type -- the default above is `button`
      type={type}
      disabled={disabled === true || busy || (action && stale)}
      aria-busy={busy || undefined}
      className={cx(buttonClass(variant, size), className)}
    >
      {icon && <Icon icon={icon} small={size === 'small'} />}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon' | 'why'> {
  readonly icon: LucideIcon
  /** What it does, in words. */
  readonly label: string
}

export function IconButton({ icon, label, variant = 'plain', size = 'normal', action = false, busy = false, className, disabled, type = 'button', ...rest }: IconButtonProps) {
  const stale = useStale()
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      disabled={disabled === true || busy || (action && stale)}
      className={cx(buttonClass(variant, size, true), className)}
    >
      <Icon icon={icon} small={size === 'small'} />
    </button>
  )
}

/** A link that looks like a button: it goes somewhere. */
export function ButtonLink({ href, variant = 'outline', size = 'normal', icon, className, children }: {
  readonly href: string
  readonly variant?: ButtonVariant
  readonly size?: Size
  readonly icon?: LucideIcon
  readonly className?: string
  readonly children: ReactNode
}) {
  return (
    <Link href={href} className={cx(buttonClass(variant, size), className)}>
      {icon && <Icon icon={icon} small={size === 'small'} />}
      {children}
    </Link>
  )
}
