import type { Node } from './syntax.ts'
import type { Fix, ProblemCode, Reporter, Span } from './problem.ts'

/** A member of an object: the key's text and place, and the value. */
export type Member = { readonly key: string; readonly keySpan: Span; readonly value: Node }

export function spanOf(node: Node): Span {
  return { offset: node.offset, length: node.length }
}

/** The members of an object, in the order of the text. That a key occurs twice is found for the whole document at once. */
export function membersOf(node: Node): Member[] {
  const members: Member[] = []
  for (const property of node.children ?? []) {
    const [keyNode, value] = property.children ?? []
    if (keyNode !== undefined && value !== undefined) members.push({ key: String(keyNode.value), keySpan: spanOf(keyNode), value })
  }
  return members
}

/** The member of an object by its name, keys of the language being read without regard to case (spec/policy.md §1). */
export function memberOf(node: Node | undefined, names: readonly string[], exactly = false): (Member & { readonly index: number }) | undefined {
  for (const [index, property] of (node?.type === 'object' ? node.children ?? [] : []).entries()) {
    const [keyNode, value] = property.children ?? []
    if (keyNode === undefined || value === undefined) continue
    const key = String(keyNode.value)
    if (names.some((name) => (exactly ? name === key : name.toLowerCase() === key.toLowerCase()))) return { index, key, keySpan: spanOf(keyNode), value }
  }
  return undefined
}

/** What an object of the language may have: a key that is read, or the reason to refuse (`error`) or ignore (`warning`) it. */
export type Key<Name extends string> =
  | { readonly key: Name }
  | { readonly error: string; readonly code: ProblemCode }
  | { readonly warning: string }

/** The keys of a kind of object. */
export type Keys<Name extends string> = {
  /** "a grant": for messages. */
  readonly where: string
  readonly names: readonly string[]
  readonly byLowerCase: ReadonlyMap<string, Key<Name>>
  /** Whether keys that start with "#" are ignored, as in the objects of lists (spec/policy.md §1). */
  readonly ignoresHash: boolean
}

/** `keys` that are read come by their name alone. */
export function keysOf<Name extends string>(
  where: string,
  read: readonly Name[],
  others: Readonly<Record<string, Exclude<Key<Name>, { key: Name }>>> = {},
  { ignoresHash = true }: { readonly ignoresHash?: boolean } = {},
): Keys<Name> {
  const all: [string, Key<Name>][] = [...read.map((key): [string, Key<Name>] => [key, { key }]), ...Object.entries(others)]
  return { where, names: all.map(([name]) => name), byLowerCase: new Map(all.map(([name, key]) => [name.toLowerCase(), key])), ignoresHash }
}

/** The members of an object of the language by their known name; keys are matched without regard to case (spec/policy.md §1). */
export function knownMembers<Name extends string>(node: Node, keys: Keys<Name>, report: Reporter): Map<Name, Member> {
  const found = new Map<Name, Member>()
  const first = new Map<string, string>()
  for (const member of membersOf(node)) {
    const { key, keySpan, value } = member
    if (keys.ignoresHash && key.startsWith('#')) continue
    const lower = key.toLowerCase()
    const before = first.get(lower)
    if (before !== undefined) {
      // The same in the same case is found for the whole document.
      if (before !== key) report.error(keySpan, 'duplicate-key', `The key "${key}" occurs twice in this object: case does not count.`)
      continue
    }
    first.set(lower, key)
    const known = keys.byLowerCase.get(lower)
    const removing = (): Fix => report.removing(`Remove "${key}"`, { offset: keySpan.offset, length: value.offset + value.length - keySpan.offset })
    if (known === undefined) {
      report.unknown(keySpan, { code: 'unknown-key', name: key, message: `Unknown key "${key}" in ${keys.where}.`, known: keys.names, otherwise: removing() })
    } else if ('key' in known) found.set(known.key, member)
    else if ('error' in known) report.error(keySpan, known.code, known.error, removing())
    else report.warning(keySpan, 'no-effect', known.warning)
  }
  return found
}

/** Checks a type, reporting what was expected; undefined when it is another. */
export function expectObject(node: Node, what: string, report: Reporter): Node | undefined {
  return expect(node, 'object', what, report)
}

export function expectArray(node: Node, what: string, report: Reporter): readonly Node[] | undefined {
  return expect(node, 'array', what, report)?.children
}

export function expectString(node: Node, what: string, report: Reporter): string | undefined {
  const found = expect(node, 'string', what, report)
  return found === undefined ? undefined : String(found.value)
}

export function expectBoolean(node: Node, what: string, report: Reporter): boolean | undefined {
  const found = expect(node, 'boolean', what, report)
  return found === undefined ? undefined : found.value === true
}

const articles = { object: 'an object', array: 'a list', string: 'a string', boolean: 'true or false' } as const

function expect(node: Node, type: keyof typeof articles, what: string, report: Reporter): Node | undefined {
  if (node.type === type) return node
  report.error(spanOf(node), 'wrong-type', `${what} must be ${articles[type]}.`)
  return undefined
}
