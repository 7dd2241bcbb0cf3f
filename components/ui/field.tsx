'use client'
import { Check, ChevronDown, CircleAlert } from 'lucide-react'
import { Checkbox as RadixCheckbox } from 'radix-ui'
import { createContext, type InputHTMLAttributes, type KeyboardEvent, type ReactNode, type Ref, type SelectHTMLAttributes, type TextareaHTMLAttributes, useContext, useId } from 'react'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'

interface FieldIds { readonly id: string; readonly describedBy: string | undefined; readonly bad: boolean }
const FieldContext = createContext<FieldIds | null>(null)

/** A label, one control, a hint, and the error line: what is expected, in words. The control takes its id from here. */
export function Field({ label, hint, error, className, children }: {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly error?: ReactNode
  readonly className?: string
  readonly children: ReactNode
}) {
  const id = useId()
  const below = Boolean(error ?? hint)
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block text-13 font-medium">{label}</label>
      <FieldContext.Provider value={{ id, describedBy: below ? `${id}-below` : undefined, bad: Boolean(error) }}>{children}</FieldContext.Provider>
      {below && (
        <p id={`${id}-below`} className={cx('mt-1.5 text-12', error ? 'text-critical' : 'text-muted-foreground')} {...(error ? { role: 'alert' } : {})}>
          {error && <Icon icon={CircleAlert} small className="mr-1 inline align-[-2.5px]" />}
          {error ?? hint}
        </p>
      )}
    </div>
  )
}

function useControl() {
  const field = useContext(FieldContext)
  return {
    ...(field ? { id: field.id } : {}),
    ...(field?.describedBy ? { 'aria-describedby': field.describedBy } : {}),
    ...(field?.bad ? { 'aria-invalid': true } : {}),
  }
}

const control = cx(
  'w-full min-w-0 rounded-control border border-border-strong bg-surface px-2.5 text-13 text-foreground placeholder:text-muted-foreground',
  'aria-invalid:border-critical aria-invalid:ring-1 aria-invalid:ring-critical disabled:bg-muted disabled:text-muted-foreground',
  'focus-visible:rounded-control focus-visible:border-ring focus-visible:ring-1 focus-visible:ring-ring focus-visible:outline-none',
)

export interface InputProps extends InputHTMLAttributes<HTMLInputElement> { readonly ref?: Ref<HTMLInputElement>; readonly mono?: boolean; readonly tall?: boolean }
export function Input({ className, mono = false, tall = false, ...rest }: InputProps) {
  return <input {...useControl()} {...rest} className={cx(control, tall ? 'h-9' : 'h-8', mono && 'font-mono text-12', className)} />
}

export interface TextareaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> { readonly mono?: boolean }
export function Textarea({ className, mono = false, ...rest }: TextareaProps) {
  return <textarea {...useControl()} {...rest} className={cx(control, 'block py-1.5', mono && 'font-mono text-12', className)} />
}

export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={cx('relative block', className)}>
      <select {...useControl()} {...rest} className={cx(control, 'h-8 appearance-none pr-8')}>{children}</select>
      <Icon icon={ChevronDown} small className="pointer-events-none absolute top-[9px] right-2.5 text-muted-foreground" />
    </span>
  )
}

/** As the browser's own box does; Radix's keeps Enter back. A button that is off submits nothing. */
function submitOnEnter({ key, currentTarget: { form } }: KeyboardEvent<HTMLButtonElement>): void {
  if (key !== 'Enter' || form === null) return
  const button = form.querySelector<HTMLButtonElement>('button[type=submit]')
  if (button === null) form.requestSubmit()
  else button.click()
}

export function Checkbox({ label, hint, checked, onChange, disabled = false }: {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly disabled?: boolean
}) {
  const id = useId()
  return (
    <div className="flex items-start gap-2">
      <RadixCheckbox.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next === true)}
        onKeyDown={submitOnEnter}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="relative mt-0.5 grid size-4 shrink-0 place-items-center rounded-tag border border-border-strong bg-surface before:absolute before:-inset-1 data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-60"
      >
        <RadixCheckbox.Indicator><Check aria-hidden="true" strokeWidth={2.4} className="size-3 text-accent-foreground" /></RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <div className="min-w-0">
        <label htmlFor={id} className="block text-13 font-medium">{label}</label>
        {hint && <p id={`${id}-hint`} className="text-12 text-muted-foreground">{hint}</p>}
      </div>
    </div>
  )
}
