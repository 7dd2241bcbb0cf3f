import { applyEdit, definitionsOf, type Definitions } from '@/policy/edit/index.ts'
import type { Json } from '@/policy/index.ts'
import { parsePolicy } from '@/policy/parse.ts'
import { isHostName, isTagName } from '@/policy/selector.ts'
import { lineCounter } from './lines.ts'

/** What the table's other parts list. */
export type Named = Extract<Definitions, 'groups' | 'tagOwners' | 'hosts'>

export type DefinitionRow = {
  readonly name: string
  /** Members, owners, or the one address of a host. */
  readonly values: readonly string[]
  readonly comment: string
  readonly line: number
}
export type DefinitionForm = Pick<DefinitionRow, 'name' | 'values' | 'comment'>

export const prefixes: Readonly<Record<Named, string>> = { groups: 'group:', tagOwners: 'tag:', hosts: '' }
export const nouns: Readonly<Record<Named, string>> = { groups: 'group', tagOwners: 'tag', hosts: 'host' }

export function definitionRows(text: string, of: Named): DefinitionRow[] {
  const lineOf = lineCounter(text)
  return definitionsOf(text, of).map(({ name, value, comment, from }) => ({ name, values: textsOf(value), comment, line: lineOf(from) }))
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value.trim()]
  return Array.isArray(value) ? value.flatMap((one: Json) => (typeof one === 'string' ? [one.trim()] : [])) : []
}

/** The name with its prefix, also where that was not typed. */
export function fullName(of: Named, typed: string): string {
  const name = typed.trim()
  return name === '' || name.startsWith(prefixes[of]) ? name : prefixes[of] + name
}

/** What is wrong with a name; undefined: nothing. */
export function nameProblem(of: Named, typed: string): string | undefined {
  const name = fullName(of, typed)
  if (name === '' || name === prefixes[of]) return `Give the ${nouns[of]} a name.`
  if (of === 'tagOwners' && !isTagName(name)) return 'After "tag:" comes a letter, then letters, digits, "-", "_" or ".".'
  if (of === 'hosts' && !isHostName(name)) return 'A host’s name has no "@", ":", "/", "*" and no blanks, and is no address.'
  return undefined
}

export type DefinitionResult = { readonly text: string | undefined; readonly problems: { readonly name?: string; readonly value?: string } }

/** The document as the form would make it. `before`: the name as it is now; absent: a new one. */
export function tryDefinition(text: string, of: Named, form: DefinitionForm, before?: string): DefinitionResult {
  const wrong = nameProblem(of, form.name)
  if (wrong !== undefined) return { text: undefined, problems: { name: wrong } }
  const name = fullName(of, form.name)
  const [address] = form.values
  if (of === 'hosts' && (address === undefined || address === '')) return { text: undefined, problems: { value: 'Write its address, such as 192.0.2.7 or 10.0.0.0/8.' } }
  if (before === undefined && definitionsOf(text, of).some((one) => one.name === name)) return { text: undefined, problems: { name: `"${name}" is there already.` } }
  const renamed = before === undefined || before === name ? { ok: true as const, value: text } : applyEdit(text, { kind: 'rename', of, name: before, to: name })
  if (!renamed.ok) return { text: undefined, problems: { name: renamed.reason } }
  const value = of === 'hosts' ? address ?? '' : [...form.values]
  const made = applyEdit(renamed.value, { kind: 'define', of, name, value, comment: form.comment })
  if (!made.ok) return { text: undefined, problems: { value: made.reason } }
  const error = parsePolicy(made.value).problems.find(({ severity }) => severity === 'error')
  return error === undefined ? { text: made.value, problems: {} } : { text: undefined, problems: { value: error.message } }
}

/** The document without a name; the reason where it is still in use. */
export function withoutDefinition(text: string, of: Named, name: string): { readonly text: string } | { readonly reason: string } {
  const made = applyEdit(text, { kind: 'undefine', of, name })
  if (!made.ok) return { reason: made.reason }
  const error = parsePolicy(made.value).problems.find(({ severity }) => severity === 'error')
  return error === undefined ? { text: made.value } : { reason: `${name} is still used in line ${error.line} of what would be left: take it out there first.` }
}
