/** An optional ability: there, or absent with the reason that reaches the page. */
export type Feature<T> =
  | { readonly enabled: true; readonly value: T }
  | { readonly enabled: false; readonly reason: string }

export function enabled<T>(value: T): Feature<T> {
  return { enabled: true, value }
}

export function disabled(reason: string): { readonly enabled: false; readonly reason: string } {
  return { enabled: false, reason }
}
