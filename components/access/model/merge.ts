import { diff3Merge } from 'node-diff3'

/** A stretch of lines of a merged text: agreed on, or changed by both in different ways. */
export type MergePart =
  | { readonly kind: 'agreed'; readonly lines: readonly string[] }
  | { readonly kind: 'conflict'; readonly base: readonly string[]; readonly theirs: readonly string[]; readonly mine: readonly string[] }

/** What to take where both changed the same lines; `both`: theirs, then mine. */
export type Choice = 'mine' | 'theirs' | 'both'

/** Two changes of one text together, by lines. Where only one of the two changed something, that change is taken. */
export function mergeTexts(base: string, theirs: string, mine: string): MergePart[] {
  return diff3Merge(mine.split('\n'), base.split('\n'), theirs.split('\n')).map(({ ok, conflict }): MergePart =>
    (conflict === undefined ? { kind: 'agreed', lines: ok ?? [] } : { kind: 'conflict', base: conflict.o, theirs: conflict.b, mine: conflict.a }))
}

/** Whether both sides can stand one after the other: not where both write the same key of one object, which would be there twice. */
export function mayTakeBoth({ theirs, mine }: Extract<MergePart, { kind: 'conflict' }>): boolean {
  const known = outerKeys(theirs)
  return ![...outerKeys(mine)].some((key) => known.has(key))
}

const keyOrBracket = /"((?:[^"\\]|\\.)*)"(\s*:)?|\/\/.*|[[{]|[\]}]/g

/** The keys of the object that some lines are of, in lower case as the language reads them; not those of objects that begin in the lines. */
function outerKeys(lines: readonly string[]): Set<string> {
  const keys = new Set<string>()
  let depth = 0
  for (const [piece, text, colon] of lines.flatMap((line) => [...line.matchAll(keyOrBracket)])) {
    if (text !== undefined) {
      if (colon !== undefined && depth <= 0) keys.add(text.toLowerCase())
    } else if (piece === '{' || piece === '[') depth++
    else if (piece === '}' || piece === ']') depth--
  }
  return keys
}

export function conflictsIn(parts: readonly MergePart[]): number {
  return parts.filter(({ kind }) => kind === 'conflict').length
}

/** The text with a choice for each conflict, in their order; undefined while one has none. */
export function mergedText(parts: readonly MergePart[], choices: readonly (Choice | undefined)[]): string | undefined {
  const lines: string[] = []
  let at = 0
  for (const part of parts) {
    if (part.kind === 'agreed') lines.push(...part.lines)
    else {
      const choice = choices[at++]
      if (choice === undefined) return undefined
      if (choice !== 'mine') lines.push(...part.theirs)
      if (choice !== 'theirs') lines.push(...part.mine)
    }
  }
  return lines.join('\n')
}
