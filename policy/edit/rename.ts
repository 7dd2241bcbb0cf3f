import { memberOf } from '../shape.ts'
import type { Node } from '../syntax.ts'
import { applyChanges } from './items.ts'

/** Where selectors stand as whole strings: lists of them by the name of their member. */
const selectorLists = ['src', 'dst', 'via', 'users', 'target']
/** Where a port may stand behind them. */
const withPort = ['dst', 'ports', 'accept', 'deny']

/** Changes a name where it is defined and where rules, owners, attributes and tests refer to it. */
export function renameEverywhere(text: string, root: Node, of: string, name: string, to: string): string {
  const changes: { from: number; to: number; text: string }[] = []
  const put = (node: Node | undefined, now: string): void => {
    if (node !== undefined) changes.push({ from: node.offset, to: node.offset + node.length, text: JSON.stringify(now) })
  }
  const visit = (node: Node | undefined, ported: boolean, operations = false): void => {
    if (node === undefined) return
    if (node.type === 'array') for (const child of node.children ?? []) visit(child, ported, operations)
    if (node.type !== 'string') return
    const now = renamed(String(node.value), name, to, ported, operations)
    if (now !== undefined) put(node, now)
  }
  const top = (key: string): Node | undefined => memberOf(root, [key])?.value
  const values = (node: Node | undefined): Node[] => (node?.type === 'object' ? node.children ?? [] : []).flatMap(({ children }) => children?.[1] ?? [])

  const definition = top(of)?.children?.find(({ children }) => children?.[0]?.value === name)
  put(definition?.children?.[0], to)
  for (const list of ['grants', 'acls', 'nodeAttrs']) {
    for (const rule of top(list)?.children ?? []) {
      for (const key of selectorLists) visit(memberOf(rule, [key])?.value, false)
      if (list === 'acls') for (const key of withPort) visit(memberOf(rule, [key])?.value, true)
    }
  }
  for (const test of top('tests')?.children ?? []) {
    visit(memberOf(test, ['src'])?.value, false)
    for (const key of withPort) visit(memberOf(test, [key])?.value, true)
    for (const relay of memberOf(test, ['relay'])?.value.children ?? []) for (const key of ['src', 'via']) visit(memberOf(relay, [key])?.value, false)
  }
  for (const value of values(top('tagOwners'))) visit(value, false)
  for (const value of values(top('ipsets'))) visit(value, false, true)
  for (const key of ['exitNode', 'relays']) visit(memberOf(top('autoApprovers'), [key])?.value, false)
  for (const value of values(memberOf(top('autoApprovers'), ['routes'])?.value)) visit(value, false)
  return applyChanges(text, changes)
}

/** A string that refers to `name` with the new one; undefined: it does not. */
function renamed(written: string, name: string, to: string, ported: boolean, operations: boolean): string | undefined {
  const text = written.trim()
  if (text === name) return to
  const colon = text.lastIndexOf(':')
  if (ported && text.slice(0, colon) === name) return to + text.slice(colon)
  const operation = operations ? /^(?:(add|remove)\s+)?(host:)?(.+)$/.exec(text) : null
  if (operation?.[3] !== name) return undefined
  return `${operation[1] === undefined ? '' : `${operation[1]} `}${operation[2] ?? ''}${to}`
}
