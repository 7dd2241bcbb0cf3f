import type { Policy, PolicyNode } from '../model.ts'

/** What is there besides the text: to complete from, and to say whom a selector selects. */
export type Known = {
  readonly nodes: readonly PolicyNode[]
  readonly people: readonly { readonly email: string; readonly name: string }[]
  /** The document as it could last be read; undefined: it never could. */
  readonly policy: Policy | undefined
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
