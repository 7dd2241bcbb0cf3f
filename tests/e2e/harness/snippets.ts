import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './program.ts'

/** A block of a document, so that what people copy is what is tested. */
export function snippet(document: string, language: string): string {
  const text = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(readFileSync(path.join(root, 'docs', document), 'utf8'))?.[1]
  if (text === undefined) throw new Error(`docs/${document} has no block of ${language}`)
  return text
}

/** The text with each of these in place of what it was. Throws where one of them is not there. */
export function withValues(text: string, values: readonly (readonly [was: string, is: string])[]): string {
  let result = text
  for (const [was, is] of values) {
    if (!result.includes(was)) throw new Error(`there is no "${was}" in:\n${text}`)
    result = result.replaceAll(was, is)
  }
  return result
}
