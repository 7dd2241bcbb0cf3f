import type { Node } from '../syntax.ts'
import { beginsLine, containerOf, indentAt } from './tree.ts'

/** How a document is written, so that what is added looks like the rest. */
export type Style = {
  readonly eol: string
  /** One step of indentation. */
  readonly unit: string
  /** Whether lists and objects over several lines end with a comma. */
  readonly trailingComma: boolean
  readonly colon: string
  readonly comma: string
  /** White space inside braces and brackets on one line. */
  readonly brace: string
  readonly bracket: string
}

/** A line is broken when it would pass this. */
export const maxWidth = 100

export function styleOf(text: string, root: Node): Style {
  const first = containerOf(text, root).items.find(({ start }) => beginsLine(text, start))
  return {
    eol: text.includes('\r\n') ? '\r\n' : text.includes('\n') || !text.includes('\r') ? '\n' : '\r',
    unit: first === undefined ? '  ' : indentAt(text, first.start) || '  ',
    trailingComma: endsWithComma(text, root) ?? true,
    colon: /":\S/.test(text) && !/":\s/.test(text) ? ':' : ': ',
    comma: /[^\s],"/.test(text) && !/", "/.test(text) ? ',' : ', ',
    brace: text.includes('{ "') && !text.includes('{"') ? ' ' : '',
    bracket: text.includes('[ "') && !text.includes('["') ? ' ' : '',
  }
}

/** Of the first list or object over several lines, from the outside in; undefined: there is none. */
function endsWithComma(text: string, root: Node): boolean | undefined {
  const waiting: Node[] = [root]
  for (const node of waiting) {
    const last = node.type === 'property' ? undefined : node.children?.at(-1)
    if (last !== undefined && (node.type === 'array' || node.type === 'object')) {
      const found = containerOf(text, node)
      const item = found.items.at(-1)
      if (item !== undefined && /[\r\n]/.test(text.slice(item.end, found.close))) return item.comma !== undefined
    }
    waiting.push(...(node.children ?? []))
  }
  return undefined
}
