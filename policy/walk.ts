import type { Json } from './capability.ts'
import { createReporter } from './problem.ts'
import { membersOf } from './shape.ts'
import { type Node, parseSyntax } from './syntax.ts'

/** The syntax tree of a HuJSON text; undefined when it is not one. */
export function treeOf(text: string): Node | undefined {
  return parseSyntax(text, createReporter(text))
}

/** The value that a part of the text stands for. A key such as "__proto__" is data here like any other. */
export function jsonOf(node: Node): Json {
  if (node.type === 'array') return (node.children ?? []).map(jsonOf)
  if (node.type === 'object') return Object.fromEntries(membersOf(node).map(({ key, value }) => [key, jsonOf(value)]))
  const value: unknown = node.value
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

/** By keys as they are written, and places in lists from 0. */
export type Path = readonly (string | number)[]

export function nodeAtPath(root: Node | undefined, path: Path): Node | undefined {
  return path.reduce<Node | undefined>((node, step) => {
    if (typeof step === 'number') return node?.type === 'array' ? node.children?.[step] : undefined
    return node?.type === 'object' ? membersOf(node).find(({ key }) => key === step)?.value : undefined
  }, root)
}

/** The smallest part that a place lies in. */
export function nodeAtOffset(root: Node | undefined, offset: number): Node | undefined {
  let node = root !== undefined && contains(root, offset) ? root : undefined
  for (;;) {
    const inner = node?.children?.find((child) => contains(child, offset))
    if (inner === undefined) return node
    node = inner
  }
}

const contains = (node: Node, offset: number): boolean => offset >= node.offset && offset < node.offset + node.length
