import type { Node } from 'jsonc-parser'
import { nearest } from './nearest.ts'
import type { Reporter, Span } from './problem.ts'

/** A member of an object: the key's text and place, and the value. */
export type Member = { readonly key: string; readonly keySpan: Span; readonly value: Node }

export function spanOf(node: Node): Span {
  return { offset: node.offset, length: node.length }
}

/** The members of an object; a key that occurs twice is a problem (spec/policy.md §1: parsers silently take the last). */
export function membersOf(node: Node, report: Reporter, sameKey: (key: string) => string = (key) => key): Member[] {
  const members: Member[] = []
  const seen = new Set<string>()
  for (const property of node.children ?? []) {
    const [keyNode, value] = property.children ?? []
    if (keyNode === undefined || value === undefined) continue
    const key = String(keyNode.value)
    if (seen.has(sameKey(key))) report.error(spanOf(keyNode), `The key "${key}" occurs twice in this object.`)
    else members.push({ key, keySpan: spanOf(keyNode), value })
    seen.add(sameKey(key))
  }
  return members
}

/** What an object of the language may have: a key that is compiled, or the reason to refuse (`error`) or ignore (`warning`) it. */
export type Key<Name extends string> =
  | { readonly key: Name }
  | { readonly error: string }
  | { readonly warning: string }

/** The members of an object of the language by their known name; keys are matched without regard to case. */
export function knownMembers<Name extends string>(
  node: Node,
  where: string,
  keys: Readonly<Record<string, Key<Name>>>,
  report: Reporter,
  ignoresHash = false,
): Map<Name, Member> {
  const byLowerCase = new Map(Object.entries(keys).map(([name, key]) => [name.toLowerCase(), { name, key }]))
  const found = new Map<Name, Member>()
  for (const member of membersOf(node, report, (key) => key.toLowerCase())) {
    if (ignoresHash && member.key.startsWith('#')) continue
    const known = byLowerCase.get(member.key.toLowerCase())
    if (known === undefined) {
      const meant = nearest(member.key, Object.keys(keys))
      const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`
      const fix = meant === undefined
        ? undefined
        : { label: `Change to "${meant}"`, ...member.keySpan, replacement: JSON.stringify(meant) }
      report.error(member.keySpan, `Unknown key "${member.key}" in ${where}.${hint}`, fix)
    } else if ('key' in known.key) found.set(known.key.key, member)
    else if ('error' in known.key) report.error(member.keySpan, known.key.error)
    else report.warning(member.keySpan, known.key.warning)
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

function expect(node: Node, type: 'object' | 'array' | 'string', what: string, report: Reporter): Node | undefined {
  if (node.type === type) return node
  const article = type === 'string' ? 'a string' : type === 'array' ? 'a list' : 'an object'
  report.error(spanOf(node), `${what} must be ${article}.`)
  return undefined
}
