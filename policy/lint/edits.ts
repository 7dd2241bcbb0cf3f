import type { Fix, Span } from '../problem.ts'
import { removal } from '../removal.ts'
import { type Member, memberOf } from '../shape.ts'
import type { Node } from '../syntax.ts'
import { nodeAtOffset } from '../walk.ts'
import type { LintContext, LintGrant } from './model.ts'

/** Removes a rule; of an acl with several destinations only the one. */
export function removeGrant({ text }: Pick<LintContext, 'text'>, { written, isOneOfMany }: LintGrant): Fix {
  const { list } = written.origin
  const [first] = written.dst
  if (isOneOfMany && first !== undefined) return { label: 'Remove this destination', ...removal(text, first.place), replacement: '' }
  return { label: list === 'acls' ? 'Remove this acl' : 'Remove this grant', ...removal(text, written.place), replacement: '' }
}

/** "the grant on line 12", "the acl on line 12". */
export function ruleWords({ written }: LintGrant): string {
  return `the ${written.origin.list === 'acls' ? 'acl' : 'grant'} on line ${written.place.line}`
}

/** The value of a top-level key, whose case does not matter, with the key's place. */
export function topLevel({ tree }: Pick<LintContext, 'tree'>, name: string): Member | undefined {
  return memberOf(tree(), [name])
}

/** What stands at a place: an object, a list or a string. */
export function nodeAt({ tree }: Pick<LintContext, 'tree'>, { offset }: Span): Node | undefined {
  return nodeAtOffset(tree(), offset)
}

/** Adds a member at the end of an object. `member` as text. */
export function addMember(object: Node, label: string, added: string): Fix {
  const lastMember = object.children?.at(-1)
  if (lastMember === undefined) return { label, offset: object.offset + 1, length: 0, replacement: added }
  return { label, offset: lastMember.offset + lastMember.length, length: 0, replacement: `, ${added}` }
}

/** Adds elements at the end of a list. */
export function addElements(list: Node, label: string, added: string): Fix {
  const lastElement = list.children?.at(-1)
  if (lastElement === undefined) return { label, offset: list.offset + 1, length: 0, replacement: added }
  return { label, offset: lastElement.offset + lastElement.length, length: 0, replacement: `, ${added}` }
}

/** Adds a grant as the last of the document's; undefined where the document has no grants, since the first one closes everything else. */
export function addGrant(context: Pick<LintContext, 'tree' | 'text'>, label: string, grant: object): Fix | undefined {
  const list = topLevel(context, 'grants')?.value
  if (list?.type !== 'array') return undefined
  const lastElement = list.children?.at(-1)
  const text = oneLine(grant)
  if (lastElement === undefined) return { label, offset: list.offset + 1, length: 0, replacement: text }
  const lineStart = context.text.lastIndexOf('\n', lastElement.offset - 1) + 1
  const indent = /^[ \t]*/.exec(context.text.slice(lineStart, lastElement.offset))?.[0] ?? ''
  const at = lastElement.offset + lastElement.length
  return { label, offset: at, length: 0, replacement: context.text.slice(lineStart, lastElement.offset).trim() === '' ? `,\n${indent}${text}` : `, ${text}` }
}

/** As people write a grant: `{"src": ["*"], "dst": ["tag:x"]}`. */
function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${oneLine(one)}`).join(', ')}}`
  return JSON.stringify(value)
}
