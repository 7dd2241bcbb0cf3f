import type { Node } from '../syntax.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import type { Json } from '../capability.ts'
import { splitPorts } from '../ports.ts'
import { memberOf } from '../shape.ts'
import { treeOf } from '../walk.ts'
import { commentWords, writeComment } from './comment.ts'
import { applyChanges, removeItem } from './items.ts'
import { type Style, styleOf } from './style.ts'
import { beginsLine, breaksIn, containerOf, indentAt, isBlank, lineEnd } from './tree.ts'
import { write } from './write.ts'

/** Writes all acls as grants (spec/policy.md §6), in their place or behind the grants that are there. Every comment stays. */
export function rewriteAcls(text: string): Result<string, string> {
  const root = treeOf(text)
  const acls = memberOf(root, ['acls'])
  if (root?.type !== 'object' || acls?.value.type !== 'array') return fail('There are no acls in the text.')
  const style = styleOf(text, root)
  const changes: { from: number; to: number; text: string }[] = []
  for (const { node, lead, start, end } of containerOf(text, acls.value).items) {
    const grants = grantsOf(node)
    if (!grants.ok) return grants
    const ownLine = beginsLine(text, lead)
    const indent = indentAt(text, lead)
    const lines = breaksIn(text, start, end) > 0
    const separator = ownLine ? `,${style.eol}${indent}` : style.comma
    const inner = writeComment(commentWords(text.slice(start, end)), style, indent, ownLine)
    changes.push({ from: start, to: end, text: inner + grants.value.map((grant) => write(grant, style, indent, indent.length, lines)).join(separator) })
  }
  const rewritten = applyChanges(text, changes)
  return memberOf(root, ['grants']) === undefined ? ok(renameKey(rewritten)) : joinGrants(rewritten, style)
}

function renameKey(text: string): string {
  const acls = memberOf(treeOf(text), ['acls'])
  const key = acls?.keySpan
  return key === undefined ? text : applyChanges(text, [{ from: key.offset, to: key.offset + key.length, text: '"grants"' }])
}

/** Moves what is inside of the list of acls to the end of the grants. */
function joinGrants(text: string, style: Style): Result<string, string> {
  const root = treeOf(text)
  const acls = memberOf(root, ['acls'])
  const grants = memberOf(root, ['grants'])
  if (root === undefined || acls === undefined || grants?.value.type !== 'array') return fail('"grants" must be a list.')
  const property = containerOf(text, root).items[acls.index]
  const from = containerOf(text, acls.value)
  const into = containerOf(text, grants.value)
  const last = into.items.at(-1)
  const indent = last === undefined ? indentAt(text, grants.value.offset) + style.unit : indentAt(text, last.lead)
  const around = property === undefined ? '' : text.slice(property.lead, from.open - 1) + style.eol + text.slice(from.close + 1, property.trail)
  const inside = text.slice(from.open, from.close).trim()
  // The comments of the list itself stand above its first rule, a blank line between.
  const about = writeComment(commentWords(around), style, indent, true)
  const at = last?.trail ?? into.open
  const ending = isBlank(text, at, lineEnd(text, at)) ? '' : style.eol + indentAt(text, grants.value.offset)
  const head = about === '' ? '' : `${indent}${about.trimEnd()}${style.eol}${style.eol}`
  const joined = inside === '' && about === '' ? text : applyChanges(text, [
    { from: at, to: at, text: `${style.eol}${head}${indent}${inside}${ending}` },
    ...last !== undefined && last.comma === undefined && inside !== '' ? [{ from: last.end, to: last.end, text: ',' }] : [],
  ])
  const after = treeOf(joined)
  const index = memberOf(after, ['acls'])?.index
  return after === undefined || index === undefined ? fail('The acls cannot be joined with the grants by a form: move them in the text.') : ok(removeItem(joined, after, index))
}

function texts(node: Node | undefined): string[] {
  return (node?.type === 'array' ? node.children ?? [] : []).flatMap(({ type, value }) => (type === 'string' ? [String(value).trim()] : []))
}

/** One grant for each of the acl's ports. */
function grantsOf(acl: Node): Result<{ readonly [key: string]: Json }[], string> {
  const src = texts(memberOf(acl, ['src', 'users'])?.value)
  const written: unknown = memberOf(acl, ['proto'])?.value.value
  const protocol = typeof written === 'string' && written.trim() !== '' ? `${written.trim()}:` : ''
  /** Sources and ports → destinations. Bounded by the acl's destinations. */
  const grants = new Map<string, { readonly src: readonly string[]; readonly dst: string[]; readonly ports: string }>()
  for (const text of texts(memberOf(acl, ['dst', 'ports'])?.value)) {
    const split = splitPorts(text)
    if (!split.ok) return split
    const { selector, ports } = split.value
    if (/^(0\.0\.0\.0|::)\/0$/.test(selector)) return fail(`"${text}" has no form in grants: write "*" or "autogroup:internet" for it first.`)
    // Grants refuse "*" here, and mean people by this (spec/policy.md §6).
    const toSelf = selector === 'autogroup:self' && src.includes('*')
    const key = `${toSelf ? 'self' : ''} ${ports}`
    const grant = grants.get(key) ?? { src: toSelf ? [...new Set(src.map((one) => (one === '*' ? 'autogroup:member' : one)))] : src, dst: [], ports }
    grant.dst.push(selector)
    grants.set(key, grant)
  }
  const made = [...grants.values()].map(({ src: from, dst, ports }) => ({ src: [...from], dst, ip: [protocol + ports] }))
  return ok(made.length > 0 ? made : [{ src: [...src], dst: [], ip: ['*'] }])
}
