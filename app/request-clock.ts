import { cookies } from 'next/headers'

/** When this request is answered, and the viewer's zone: a name that this server's Intl knows, else UTC, as the cookie is the browser's word. */
export async function requestClock(): Promise<{ readonly now: number; readonly zone: string }> {
  const asked = (await cookies()).get('towpath-zone')?.value
  let zone = 'UTC'
  try {
    if (asked) zone = new Intl.DateTimeFormat('en', { timeZone: decodeURIComponent(asked) }).resolvedOptions().timeZone
  } catch {
    // Not a zone: the page corrects itself once it runs in the browser.
  }
  return { now: Date.now(), zone }
}
