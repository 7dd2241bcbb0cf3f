/** Farther than this nobody folds, and every line that is shown is asked. */
const maxScanned = 200_000

/** Pieces of a text in their order. */
type Pieces = Iterable<string>

/**
 * Where the bracket closes that was opened just before `from`, as an offset; strings and comments do not count. `pieces` is the text
 * from there on. Undefined: it is not closed, or too far away.
 */
export function matchingBracket(pieces: Pieces, from: number): number | undefined {
  let depth = 1
  let at = from
  let within: 'code' | 'string' | 'line' | 'block' = 'code'
  let before = ''
  for (const piece of pieces) {
    for (const unit of piece) {
      switch (within) {
        case 'string':
          if ((unit === '"' && before !== '\\') || unit === '\n') within = 'code'
          break
        case 'line':
          if (unit === '\n') within = 'code'
          break
        case 'block':
          if (unit === '/' && before === '*') within = 'code'
          break
        case 'code':
          if (unit === '"') within = 'string'
          else if (before === '/' && unit === '/') within = 'line'
          else if (before === '/' && unit === '*') within = 'block'
          else if (unit === '{' || unit === '[') depth++
          else if ((unit === '}' || unit === ']') && --depth === 0) return at
      }
      // A backslash that is escaped itself escapes nothing; the two signs of "/*" do not end what they begin.
      before = (before === '\\' && unit === '\\') || (within === 'block' && before === '/' && unit === '*') ? '' : unit
      at += unit.length
    }
    if (at - from > maxScanned) return undefined
  }
  return undefined
}
