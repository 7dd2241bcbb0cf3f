import { readSignIn, type SignInAnswer } from './model/sign-in.ts'

/** Signs in by e-mail and password: on success the browser holds the session's cookie. Never throws. */
export async function signIn(email: string, password: string): Promise<SignInAnswer> {
  try {
    const response = await fetch('/api/auth/sign-in/email', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: email.trim(), password }),
    })
    return readSignIn(response.status, response.headers.get('retry-after'))
  } catch {
    return readSignIn(undefined, null)
  }
}
