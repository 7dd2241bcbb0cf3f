'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { describeError } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { useBlocked } from './blocked.ts'
import { fieldErrorText } from './model/field-error.ts'

type Change = { readonly networkName?: string; readonly derpMbitPerClient?: number }
type Read = { readonly ok: true; readonly value: Change } | { readonly ok: false; readonly text: string }
type Props = {
  readonly label: string
  readonly hint: string
  /** As saved; give it as the key too. */
  readonly value: string
  readonly numeric?: boolean
  readonly read: (typed: string) => Read
  /** What is said once it is saved. */
  readonly done: (value: string) => string
}

/** One setting with its own save button: what is shown beside it is what is in force. */
export function SettingForm({ label, hint, value, numeric = false, read, done }: Props) {
  const trpc = useTRPC()
  const blocked = useBlocked()
  const [typed, setTyped] = useState(value)
  const [problem, setProblem] = useState<string>()
  const back = useMutation(trpc.setting.update.mutationOptions({ onError: sayError }))
  const save = useMutation(trpc.setting.update.mutationOptions({
    onSuccess: () => {
      const old = read(value)
      say(done(typed.trim()), old.ok ? () => back.mutate(old.value) : undefined)
    },
    onError: (error) => setProblem(fieldErrorText(describeError(error))),
  }))

  return (
    <form
      className="flex flex-wrap items-start gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        const found = read(typed)
        setProblem(found.ok ? undefined : found.text)
        if (found.ok) save.mutate(found.value)
      }}
    >
      <Field label={label} hint={hint} {...(problem === undefined ? {} : { error: problem })} className="min-w-0 flex-1 basis-60">
        <Input
          value={typed}
          disabled={blocked !== undefined}
          inputMode={numeric ? 'decimal' : 'text'}
          autoComplete="off"
          onChange={(event) => {
            setTyped(event.target.value)
            setProblem(undefined)
          }}
        />
      </Field>
      <Button
        type="submit"
        action
        className="mt-[26px]"
        busy={save.isPending}
        disabled={blocked !== undefined || typed.trim() === value}
        {...(blocked === undefined ? {} : { title: blocked })}
      >
        Save<span className="sr-only"> {label}</span>
      </Button>
    </form>
  )
}
