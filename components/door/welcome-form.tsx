'use client'
import { useMutation } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTRPC } from '../live/trpc.ts'
import { fieldErrorText } from '../settings/model/field-error.ts'
import { Button } from '../ui/button.tsx'
import { describeError, ErrorNote, Note } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { useHydrated } from '../ui/use-hydrated.ts'
import { accountProblem, passwordHint } from './model/sign-in.ts'
import { PasswordInput } from './password-input.tsx'
import { PlainHttpNote } from './plain-http-note.tsx'
import { signIn } from './sign-in-request.ts'

type FieldName = 'name' | 'email' | 'password'
type Props = {
  readonly token: string
  readonly purpose: 'owner' | 'invite'
  /** What the link does, one sentence. */
  readonly text: string
  /** The one owner whom an owner link lets in again. */
  readonly owner: { readonly name: string; readonly email: string } | null
  readonly plainHttp: boolean
}

const titles = { owner: 'Make the owner account', invite: 'Make your account' } as const

/** Makes the account that a one-time link is for, or gives the only owner a new password, and signs in. */
export function WelcomeForm({ token, purpose, text, owner, plainHttp }: Props) {
  const trpc = useTRPC()
  const hydrated = useHydrated()
  const [form, setForm] = useState({ name: '', email: '', password: '' })
  const [problem, setProblem] = useState<{ readonly field: FieldName; readonly text: string }>()
  const [late, setLate] = useState<string>()
  const [another, setAnother] = useState(false)
  // Whose password it is about: then nothing but a password is asked for.
  const known = another ? null : owner
  const who = known ? { ...known, password: form.password } : form
  const title = known ? `New password for ${known.email}` : owner ? 'Make another owner account' : titles[purpose]
  const redeem = useMutation(trpc.door.redeem.mutationOptions({
    onSuccess: async () => {
      const answer = await signIn(who.email, who.password)
      if (answer.ok) window.location.assign('/')
      else setLate(answer.text)
    },
    onError: (error) => {
      const words = describeError(error)
      const { path } = words
      if (path === 'password' || (!known && (path === 'name' || path === 'email'))) setProblem({ field: path, text: fieldErrorText(words) })
    },
  }))
  const busy = redeem.isPending || (redeem.isSuccess && late === undefined)

  function submit(): void {
    if (busy) return
    const found = accountProblem(who)
    setProblem(found)
    if (found === undefined) redeem.mutate({ token, ...who })
  }

  function set(field: FieldName, value: string): void {
    setForm({ ...form, [field]: value })
    if (problem?.field === field) setProblem(undefined)
  }

  const errorOf = (field: FieldName) => (problem?.field === field ? { error: problem.text } : {})

  return (
    <form
      aria-label={title}
      noValidate
      method="post"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <fieldset disabled={!hydrated} className="m-0 grid min-w-0 gap-4 border-0 p-0">
        <div>
          <h1 className="text-24 font-semibold tracking-[-.02em] break-words">{title}</h1>
          <p className="mt-1 text-14 text-muted-foreground">{owner && another ? 'This link makes an owner account beside the one there is.' : text} It works once.</p>
        </div>
        {plainHttp && <PlainHttpNote />}
        {known
          // For whoever keeps passwords: which account this one is of.
          ? <input hidden readOnly type="email" name="email" autoComplete="username" value={known.email} />
          : (
              <>
                <Field label="Name" {...errorOf('name')}>
                  <Input tall name="name" autoComplete="name" value={form.name} onChange={(event) => set('name', event.target.value)} />
                </Field>
                <Field label="E-mail" {...errorOf('email')}>
                  <Input tall type="email" name="email" autoComplete="username" value={form.email} onChange={(event) => set('email', event.target.value)} />
                </Field>
              </>
            )}
        <Field label={known ? 'New password' : 'Password'} hint={passwordHint(form.password.length)} {...errorOf('password')}>
          <PasswordInput name="password" autoComplete="new-password" value={form.password} onChange={(event) => set('password', event.target.value)} />
        </Field>
        {redeem.error && problem === undefined && <ErrorNote error={redeem.error} />}
        {late !== undefined && <Note tone="warning" role="alert">{known ? 'The password is set' : 'Your account is made'}, but signing in did not work: {late} <Link className="link" href="/sign-in">Sign in</Link></Note>}
        <Button type="submit" variant="primary" busy={busy} className="h-9!">{known ? 'Set password and sign in' : 'Make account and sign in'}</Button>
        {owner && (
          <Button
            variant="plain"
            disabled={busy}
            onClick={() => {
              setAnother(!another)
              setProblem(undefined)
              redeem.reset()
            }}
          >
            {another ? `New password for ${owner.email} instead` : 'Make another owner account instead'}
          </Button>
        )}
      </fieldset>
    </form>
  )
}
