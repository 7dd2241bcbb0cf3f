'use client'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { useHydrated } from '../ui/use-hydrated.ts'
import { PasswordInput } from './password-input.tsx'
import { PlainHttpNote } from './plain-http-note.tsx'
import { signIn } from './sign-in-request.ts'

type Props = {
  readonly networkName: string
  readonly plainHttp: boolean
  /** Nobody can sign in yet. */
  readonly hasOwner: boolean
  /** A path of this site. */
  readonly next: string
}

export function SignInForm({ networkName, plainHttp, hasOwner, next }: Props) {
  const hydrated = useHydrated()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<{ readonly text: string; readonly field: 'password' | 'form' }>()
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => {
    if (problem?.field === 'password') field.current?.select()
  }, [problem])

  // The fields keep their own words: what a password manager fills in before the script is at work counts too.
  async function submit(form: FormData): Promise<void> {
    const [email, password] = [form.get('email'), form.get('password')]
    if (busy || typeof email !== 'string' || typeof password !== 'string') return
    setBusy(true)
    setProblem(undefined)
    const answer = await signIn(email, password)
    if (answer.ok) {
      // A full load: everything that was rendered for nobody is dropped.
      window.location.assign(next)
      return
    }
    setProblem(answer)
    setBusy(false)
  }

  return (
    <form
      aria-label="Sign in"
      method="post"
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(new FormData(event.currentTarget))
      }}
    >
      <div>
        <h1 className="text-24 font-semibold tracking-[-.02em]">Sign in</h1>
        <p className="mt-1 text-14 text-muted-foreground">to {networkName}</p>
      </div>
      {plainHttp && <PlainHttpNote />}
      {next.startsWith('/register/') && (
        <Note tone="accent">A machine asks to join: sign in to see it and let it in. Without an account, ask an owner for an invitation, make one, and open this address again.</Note>
      )}
      {!hasOwner && (
        <Note tone="accent">
          There is no account yet. The one-time link for the owner is in the log of <code>npm start</code>; <code>npm run owner-link</code> (with <code>--data</code>, where it is not the default) prints another.
        </Note>
      )}
      <Field label="E-mail">
        <Input tall type="email" name="email" autoComplete="username" required />
      </Field>
      <Field label="Password" {...(problem?.field === 'password' ? { error: problem.text } : {})}>
        <PasswordInput ref={field} name="password" autoComplete="current-password" required />
      </Field>
      {problem?.field === 'form' && <Note tone="critical" role="alert">{problem.text}</Note>}
      <Button type="submit" variant="primary" busy={busy} disabled={!hydrated} className="h-9!">{busy ? 'Signing in' : 'Sign in'}</Button>
      <p className="text-12 text-muted-foreground">
        Locked out? The owner can run <code className="whitespace-nowrap">npm run owner-link</code> on the server (with <code>--data</code>, where it is not the default).
      </p>
    </form>
  )
}
