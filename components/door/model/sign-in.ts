/** What came of an attempt to sign in: done, or one line that says what is wrong, and which field it is about. */
export type SignInAnswer = { readonly ok: true } | { readonly ok: false; readonly text: string; readonly field: 'password' | 'form' }

/**
 * Reads the server's answer. `status` is the HTTP status, or undefined when nothing answered. `retryAfter` is the
 * header of a rate limit, in seconds.
 */
export function readSignIn(status: number | undefined, retryAfter: string | null): SignInAnswer {
  if (status === undefined) return { ok: false, field: 'form', text: 'The control plane does not answer. Is npm start running there? Relays keep relaying meanwhile.' }
  if (status >= 200 && status < 300) return { ok: true }
  if (status === 429) return { ok: false, field: 'form', text: `Too many tries. Wait ${waitWords(retryAfter)} and try again.` }
  if (status === 503) return { ok: false, field: 'form', text: 'The control plane’s database does not answer. Try again in a moment.' }
  // The server takes a sign-in only from its own pages.
  if (status === 403) return { ok: false, field: 'form', text: 'The control plane did not take this for its own page. Open the dashboard by its own address and try again.' }
  if (status === 400 || status === 401 || status === 422) {
    return { ok: false, field: 'password', text: 'E-mail and password do not match.' }
  }
  return { ok: false, field: 'form', text: `Signing in failed (${status}). The server’s log says why.` }
}

function waitWords(retryAfter: string | null): string {
  const seconds = Number(retryAfter ?? '')
  if (!Number.isFinite(seconds) || seconds <= 0) return 'a minute'
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return `${Math.ceil(seconds / 60)} min`
}

/** The shortest password; the server holds it too. */
export const minPassword = 10

/** What is missing for an account; undefined: nothing. */
export function accountProblem(form: { readonly name: string; readonly email: string; readonly password: string }): { field: 'name' | 'email' | 'password'; text: string } | undefined {
  if (form.name.trim() === '') return { field: 'name', text: 'A name that others know you by.' }
  if (!/^[^\s@]+@[^\s@]+$/.test(form.email.trim())) return { field: 'email', text: 'An e-mail address, such as ann@example.com.' }
  if (form.password.length < minPassword) return { field: 'password', text: `At least ${minPassword} characters; these are ${form.password.length}.` }
  return undefined
}

/** "At least 10 characters. 4 so far." */
export function passwordHint(length: number): string {
  const need = `At least ${minPassword} characters.`
  return length === 0 ? need : `${need} ${length} so far.`
}
