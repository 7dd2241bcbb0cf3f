/** The door, for somebody who asked for `path` without being signed in. */
export function signInPath(path: string | null): string {
  const [name = '', query = ''] = (path ?? '').split('?', 2)
  const params = new URLSearchParams(query)
  // The router's own, when it asks for a page within the page.
  params.delete('_rsc')
  const next = safePath(params.size > 0 ? `${name}?${params}` : name)
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`
}

/** Where to go after signing in: a path of this site and nothing else, so that a link cannot lead away. */
export function safePath(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/'
  // Control characters are dropped by browsers, which could turn "/\t/host" into "//host".
  for (const character of next) if (character.charCodeAt(0) < 0x20) return '/'
  return next.startsWith('/sign-in') || next.startsWith('/welcome') ? '/' : next
}
