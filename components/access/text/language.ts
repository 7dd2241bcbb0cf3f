import { bracketMatching, foldService, HighlightStyle, indentUnit, StreamLanguage, syntaxHighlighting, type StreamParser } from '@codemirror/language'
import type { EditorState, Extension } from '@codemirror/state'
import { tags } from '@lezer/highlight'
import { matchingBracket } from './model/brackets.ts'

const unit = 2

/** `indents`: for each bracket that is open, the column at which what is in it stands. Bounded by the text's nesting. */
type State = { comment: boolean; readonly indents: number[] }

/** A whole string, or an unfinished one to the line's end. */
const wholeString = /^"(?:[^"\\]|\\.)*"?/
const keyString = /^"(?:[^"\\]|\\.)*"\s*:/

const parser: StreamParser<State> = {
  name: 'hujson',
  startState: () => ({ comment: false, indents: [] }),
  copyState: ({ comment, indents }) => ({ comment, indents: [...indents] }),
  token(stream, state) {
    if (state.comment) {
      state.comment = stream.match(/^.*?\*\//) === null
      if (state.comment) stream.skipToEnd()
      return 'comment'
    }
    if (stream.eatSpace()) return null
    const isKey = stream.match(keyString, false) !== null
    if (stream.match(wholeString) !== null) return isKey ? 'propertyName' : 'string'
    if (stream.match('//')) {
      stream.skipToEnd()
      return 'lineComment'
    }
    if (stream.match('/*')) {
      state.comment = true
      return 'comment'
    }
    const next = stream.next() ?? ''
    if (next === '{' || next === '[') {
      // Brackets opened on one line indent what follows once, not once each.
      state.indents.push(stream.indentation() + unit)
      return 'bracket'
    }
    if (next === '}' || next === ']') {
      state.indents.pop()
      return 'bracket'
    }
    if (next === ',' || next === ':') return 'punctuation'
    stream.eatWhile(/[^\s{}[\],:"/]/)
    return 'atom'
  },
  indent: ({ comment, indents }, textAfter) => {
    if (comment) return null
    const inside = indents.at(-1) ?? 0
    return /^[}\]]/.test(textAfter) ? Math.max(0, inside - unit) : inside
  },
  languageData: {
    commentTokens: { line: '//', block: { open: '/*', close: '*/' } },
    closeBrackets: { brackets: ['[', '{', '"'] },
    indentOnInput: /^\s*[}\]]$/,
  },
}

/** Looks of the tokens: the theme's own colours, which follow light and dark by themselves. */
const looks = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.comment, color: 'var(--muted-foreground)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.bracket], color: 'var(--muted-foreground)' },
])

/** A line whose last bracket stays open folds up to where it closes. */
const folding = foldService.of((state: EditorState, lineStart: number, lineEnd: number) => {
  const opening = /[{[]\s*(?:\/\/.*)?$/.exec(state.sliceDoc(lineStart, lineEnd))
  if (opening === null) return null
  const from = lineStart + opening.index + 1
  const to = matchingBracket(state.doc.iterRange(from), from)
  return to === undefined || state.doc.lineAt(to).from <= lineEnd ? null : { from, to }
})

/** JSON with comments and trailing commas: colours, brackets, comments, indentation, folding. */
export function hujson(): Extension {
  return [StreamLanguage.define(parser), syntaxHighlighting(looks), bracketMatching(), folding, indentUnit.of(' '.repeat(unit))]
}
