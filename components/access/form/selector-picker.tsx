'use client'
/* oxlint-disable jsx-a11y/prefer-tag-over-role, jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- ARIA's combobox: the field keeps the focus and takes the keys, and neither select nor datalist shows kinds and counts */
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { Policy } from '@/policy/index.ts'
import { cx } from '../../ui/cx.ts'
import { Field, Input } from '../../ui/field.tsx'
import { fittingOptions, kindLabels, type SelectorOption } from '../model/selector-options.ts'
import { exactly, isKnown, meantBy, portsOf } from '../model/selector-typed.ts'
import { Chips } from './chips.tsx'

type Props = {
  readonly label: string
  readonly hint?: string
  readonly error?: string | undefined
  readonly values: readonly string[]
  readonly onChange: (values: string[]) => void
  readonly options: readonly SelectorOption[]
  /** Machines that an option is today. */
  readonly counts: ReadonlyMap<string, number>
  /** What names are defined. */
  readonly policy: Policy
  readonly noteOf?: (value: string) => string | undefined
  readonly readOnly?: boolean
  /** What is written behind a chosen option, as an acl's ports are. */
  readonly suffix?: string
}

/** Selectors as chips, and a field that completes them: by what they are called, or by the machines that they are. */
export function SelectorPicker({ label, hint, error, values, onChange, options, counts, policy, noteOf, readOnly = false, suffix = '' }: Props) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const list = useRef<HTMLDivElement>(null)
  const shown = useMemo(() => (open ? fittingOptions(options, typed, values) : []), [open, options, typed, values])
  const named = exactly(shown, typed)
  // Enter takes a name's beginning for what it fits best; what is a selector by itself is taken as it is.
  const byDefault = typed.trim() === '' || isKnown(policy, options, typed, suffix) ? -1 : named === undefined ? 0 : shown.indexOf(named)
  const active = Math.min(chosen < 0 ? byDefault : chosen, shown.length - 1)
  useEffect(() => {
    if (active >= 0) document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: 'nearest' })
  }, [id, active])

  /** What an unknown name most likely is, as it is written and as it is called. */
  function meant(value: string): { readonly value: string; readonly name: string } | undefined {
    const option = meantBy(policy, options, value, suffix)
    return option && { value: option.value + portsOf(value, suffix), name: option.kind === 'machines' ? option.detail : option.value }
  }

  function add(text: string): void {
    const value = text.trim()
    if (value !== '' && !values.includes(value)) onChange([...values, value])
    setTyped('')
    setChosen(-1)
    // It would lie over what comes next in the form.
    setOpen(false)
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const option = shown[active]
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp':
        event.preventDefault()
        setOpen(true)
        if (shown.length > 0) setChosen((active + (event.key === 'ArrowDown' ? 1 : active < 0 ? 0 : -1) + shown.length) % shown.length)
        return
      case 'Enter':
        event.preventDefault()
        if (option !== undefined) add(option.value + suffix)
        else if (typed.trim() !== '') add(typed)
        return
      case 'Escape':
        if (!open || shown.length === 0) return
        // The list closes first; the dialog, which has heard of it, with the next one.
        setOpen(false)
        return
      case 'Backspace': {
        const last = values.at(-1)
        if (typed === '' && last !== undefined) onChange(values.slice(0, -1))
      }
    }
  }

  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })} {...(error === undefined ? {} : { error })}>
      <Chips label={`${label}: chosen`} values={values} onRemove={(value) => onChange(values.filter((one) => one !== value))} readOnly={readOnly} meantBy={meant} onReplace={(value, by) => onChange(values.flatMap((one) => (one !== value ? [one] : values.includes(by) ? [] : [by])))} {...(noteOf === undefined ? {} : { noteOf })} />
      {!readOnly && (
        <div className="relative">
          <Input
            role="combobox"
            aria-expanded={shown.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            {...(active >= 0 ? { 'aria-activedescendant': `${id}-${active}` } : {})}
            placeholder="Type a name, a tag, a machine, an address"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value)
              setOpen(true)
              setChosen(-1)
            }}
            // What is wrong stands where the list would be.
            onFocus={() => setOpen(error === undefined)}
            onClick={() => setOpen(true)}
            onBlur={(event) => {
              if (list.current?.contains(event.relatedTarget)) return
              setOpen(false)
              // What was typed in full is meant, also without Enter.
              if (typed.trim() !== '') add(named === undefined ? typed : named.value + suffix)
            }}
            onKeyDown={onKeyDown}
          />
          <div
            ref={list}
            id={`${id}-list`}
            role="listbox"
            aria-label={label}
            tabIndex={-1}
            hidden={shown.length === 0}
            className="absolute z-10 mt-1 max-h-56 w-full overflow-y-auto rounded-control border bg-raised p-1 shadow-pop"
          >
            {shown.map((option, at) => (
              <div key={`${option.kind} ${option.value}`}>
                {option.kind !== shown[at - 1]?.kind && <div aria-hidden="true" className="px-2 pt-1.5 pb-0.5 text-12 text-muted-foreground">{kindLabels[option.kind]}</div>}
                <div
                  id={`${id}-${at}`}
                  role="option"
                  aria-selected={at === active}
                  // Before the field loses the focus.
                  onPointerDown={(event) => event.preventDefault()}
                  onClick={() => add(option.value + suffix)}
                  className={cx('flex min-h-7 cursor-default items-center gap-2 rounded-[5px] px-2 py-1 text-12 select-none hover:bg-muted', at === active && 'bg-muted')}
                >
                  <span className="font-mono wrap-anywhere">{option.kind === 'machines' ? option.detail : option.value}</span>
                  <span className="min-w-0 flex-1 truncate text-muted-foreground">{option.kind === 'machines' ? option.value : option.detail}</span>
                  {option.kind !== 'machines' && <span className="shrink-0 whitespace-nowrap text-muted-foreground">{machineWords(counts.get(option.value))}</span>}
                </div>
              </div>
            ))}
          </div>
        </div>
      )}
    </Field>
  )
}

function machineWords(count: number | undefined): string {
  return count === undefined ? '' : count === 1 ? '1 machine' : `${count.toLocaleString('en')} machines`
}
