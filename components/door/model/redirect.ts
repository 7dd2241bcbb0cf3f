/** Where to go after signing in: a path of this site and nothing else, so that a link cannot lead away. */
export function safePath(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/'
  // Control characters are dropped by browsers, which could turn "/\t/host" into "//host".
  for (const character of next) if (character.charCodeAt(0) < 0x20) return '/'
  return next.startsWith('/sign-in') || next.startsWith('/welcome') ? '/' : next
}
