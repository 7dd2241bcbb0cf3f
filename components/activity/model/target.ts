/** The page of what an entry is about; undefined: it has none, or the entry says that it is gone. */
export function targetHref({ kind, id }: { readonly kind: string; readonly id: string }, action = ''): string | undefined {
  if (action.endsWith('.remove')) return undefined
  switch (kind) {
    case 'node':
    case 'machine': return `/machines/${id}`
    case 'relay': return `/relays/${id}`
    case 'policy': return `/access?tool=versions&version=${id}`
    case 'auth-key': return '/settings?tab=keys'
    case 'api-token': return '/settings?tab=tokens'
    case 'person': return '/settings?tab=people'
    case 'network':
    case 'setting': return '/settings'
    default: return undefined
  }
}

/** Who did what, as one text; a sentence that names its actor already is not begun with the name again. */
export function whoDidWhat(actor: string, text: string): string {
  return text.startsWith(`${actor} `) ? text : `${actor} ${text}`
}

/** A sentence around the name in it; undefined where the name does not stand in it. */
export function splitAtName(text: string, name: string): readonly [before: string, name: string, after: string] | undefined {
  const at = name === '' ? -1 : text.indexOf(name)
  return at < 0 ? undefined : [text.slice(0, at), name, text.slice(at + name.length)]
}
