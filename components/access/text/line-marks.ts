import { RangeSet, RangeSetBuilder, StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state'
import { Decoration, EditorView, GutterMarker, gutterLineClass, type DecorationSet } from '@codemirror/view'

/** What is to be seen of whole lines; they count from 1. */
export type LineMarks = {
  /** Lines that the saved version does not have. */
  readonly changed: ReadonlySet<number>
  /** The line that the address names. */
  readonly marked: number | undefined
  readonly problems: ReadonlyMap<number, 'error' | 'warning'>
}

class LineClass extends GutterMarker {
  override readonly elementClass: string
  constructor(elementClass: string) {
    super()
    this.elementClass = elementClass
  }

  override eq(other: GutterMarker): boolean {
    return other.elementClass === this.elementClass
  }
}

type Marks = { readonly lines: DecorationSet; readonly gutter: RangeSet<GutterMarker> }

const nothing: Marks = { lines: Decoration.none, gutter: RangeSet.empty }
const setMarks = StateEffect.define<LineMarks>()

const field = StateField.define<Marks>({
  create: () => nothing,
  update(value, transaction) {
    const effect = transaction.effects.findLast((each) => each.is(setMarks))
    if (effect !== undefined) return built(transaction.state, effect.value)
    return transaction.docChanged ? { lines: value.lines.map(transaction.changes), gutter: value.gutter.map(transaction.changes) } : value
  },
  provide: (self) => [EditorView.decorations.from(self, ({ lines }) => lines), gutterLineClass.from(self, ({ gutter }) => gutter)],
})

function built({ doc }: EditorState, { changed, marked, problems }: LineMarks): Marks {
  const lines = new RangeSetBuilder<Decoration>()
  const gutter = new RangeSetBuilder<GutterMarker>()
  const numbers = new Set([...changed, ...problems.keys(), ...(marked === undefined ? [] : [marked])])
  for (const number of [...numbers].toSorted((a, b) => a - b)) {
    if (number > doc.lines) break
    const { from } = doc.line(number)
    const band = [...(changed.has(number) ? ['cm-changed'] : []), ...(marked === number ? ['cm-marked'] : [])].join(' ')
    const problem = problems.get(number)
    if (band !== '') lines.add(from, from, Decoration.line({ class: band }))
    gutter.add(from, from, new LineClass(`${band} ${problem === undefined ? '' : `cm-has-${problem}`}`.trim()))
  }
  return { lines: lines.finish(), gutter: gutter.finish() }
}

export function lineMarks(): Extension {
  return field
}

/** Shows these marks instead of those there were; until the next ones they move with what they mark. */
export function showLineMarks(view: EditorView, marks: LineMarks): void {
  view.dispatch({ effects: setMarks.of(marks) })
}
