/** The page of what an entry is about; undefined: it has none. */
export function targetHref({ kind, id }: { readonly kind: string; readonly id: string }): string | undefined {
  switch (kind) {
    case 'node':
    case 'machine': return `/machines/${id}`
    case 'relay': return `/relays/${id}`
    case 'policy': return '/access'
    case 'auth-key': return '/settings?tab=keys'
    case 'api-token': return '/settings?tab=tokens'
    case 'person': return '/settings?tab=people'
    case 'network':
    case 'setting': return '/settings'
    default: return undefined
  }
}

/** A sentence around the name in it; undefined where the name does not stand in it. */
export function splitAtName(text: string, name: string): readonly [before: string, name: string, after: string] | undefined {
  const at = name === '' ? -1 : text.indexOf(name)
  return at < 0 ? undefined : [text.slice(0, at), name, text.slice(at + name.length)]
}
