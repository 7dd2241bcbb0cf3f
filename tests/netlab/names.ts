import { createHash } from 'node:crypto'

/** A host somewhere in the lab, as its tests call it. */
export type SiteName = string

/** Names become parts of namespaces, folders and shell lines. */
const plain = /^[a-z][a-z0-9-]{0,15}$/

export function checkName(what: string, name: string): void {
  if (!plain.test(name)) throw new Error(`${what} "${name}": give it small letters, digits and dashes, at most 16`)
}

/** The place of a site's router, for `exec` and `spawn`. */
export function routerOf(site: SiteName): SiteName {
  return `${site}.router`
}

/** A locally administered address that is the same for the same name, so that neighbours can be told of each other before anything is sent. */
export function macOf(...names: readonly string[]): string {
  const digest = createHash('sha256').update(names.join('/')).digest('hex')
  return ['02', ...(digest.slice(0, 10).match(/../g) ?? [])].join(':')
}
