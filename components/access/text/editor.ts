import { acceptCompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, isolateHistory } from '@codemirror/commands'
import { codeFolding, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language'
import { nextDiagnostic, previousDiagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, tooltips } from '@codemirror/view'
import type { Known } from '@/policy/assist/index.ts'
import type { Fix } from '@/policy/index.ts'
import type { EditorProblem } from '../model/check.ts'
import { completion } from './completion.ts'
import { showProblems } from './diagnostics.ts'
import { explain } from './explain.ts'
import { hujson } from './language.ts'
import { lineMarks, showLineMarks, type LineMarks } from './line-marks.ts'
import { look } from './look.ts'
import { changesBetween } from './model/changes.ts'
import { fromEditorText, toEditorText } from './model/newlines.ts'

export type EditorEvents = {
  /** Somebody edited: the whole text. */
  readonly change: (text: string) => void
  /** The cursor is on this line, from 1. */
  readonly line: (line: number) => void
  readonly save: () => void
  readonly format: () => void
  /** What stands where the cursor rests, in words; empty: nothing is to say. */
  readonly about: (words: string) => void
  readonly fix: (fix: Fix) => void
}

export type Editor = {
  /** Shows a text that came from outside, by the least change, which can be undone. */
  readonly show: (text: string) => void
  readonly setReadOnly: (readOnly: boolean) => void
  readonly setProblems: (problems: readonly EditorProblem[]) => void
  readonly setKnown: (known: Known) => void
  readonly setMarks: (marks: LineMarks) => void
  readonly goTo: (line: number, focus: boolean) => void
  readonly destroy: () => void
}

/** Beyond this many characters the text has no colours: reading a megabyte again and again would be slower than typing. */
const maxColoured = 600_000
/** Up to this width lines are broken, so that a thumb need not push them sideways. */
const narrow = '(max-width: 640px)'

/** The search panel's words as buttons have them here. */
const phrases = {
  next: 'Next', previous: 'Previous', all: 'Select all', 'match case': 'Match case', regexp: 'Pattern', 'by word': 'Whole words', replace: 'Replace', 'replace all': 'Replace all',
}

/** How long after an edit marks that went with what they marked are put back, if nothing new was said meanwhile. */
const settleMs = 300

const fromOutside = Annotation.define<true>()

type Setup = { readonly parent: HTMLElement; readonly text: string; readonly label: string; readonly describedBy: string; readonly on: EditorEvents }

/** The policy's editor in `parent`. The caller destroys it. */
export function createEditor({ parent, text, label, describedBy, on }: Setup): Editor {
  let original = text
  let readOnly = false
  let known: Known = { nodes: [], people: [], policy: undefined }
  let problems: readonly EditorProblem[] = []
  let marks: LineMarks = { changed: new Set(), marked: undefined, problems: new Map() }
  /** What the underlines are of; undefined: an edit may have taken some away. */
  let underlined: string | undefined
  let settling: ReturnType<typeof setTimeout> | undefined
  const access = new Compartment()
  const invalid = new Compartment()
  const wrapping = new Compartment()
  const width = window.matchMedia(narrow)
  const wrap = (): Extension => (width.matches ? EditorView.lineWrapping : [])

  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: toEditorText(text),
      extensions: [
        keymap.of([
          { key: 'Mod-s', preventDefault: true, run: () => { on.save(); return true } },
          { key: 'Shift-Alt-f', preventDefault: true, run: () => { on.format(); return true } },
          { key: 'Tab', run: acceptCompletion },
          { key: 'F8', run: nextDiagnostic, shift: previousDiagnostic },
        ]),
        lineNumbers(), foldGutter({ openText: '▾', closedText: '▸' }), codeFolding(), lineMarks(),
        highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), drawSelection(), history(), closeBrackets(), indentOnInput(),
        text.length <= maxColoured ? hujson() : [],
        search({ top: true }), completion(() => known), explain(() => known, on.about), tooltips({ position: 'fixed' }), look,
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap]),
        EditorState.tabSize.of(2), EditorState.phrases.of(phrases),
        access.of([]), invalid.of([]), wrapping.of(wrap()),
        EditorView.contentAttributes.of({ 'aria-label': label, 'aria-describedby': describedBy, tabindex: '0', autocapitalize: 'off', autocorrect: 'off' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((each) => each.annotation(fromOutside))) {
            on.change(fromEditorText(update.state.doc.toString(), original))
          }
          if (update.docChanged) {
            underlined = undefined
            clearTimeout(settling)
            settling = setTimeout(() => { underline(); showLineMarks(view, marks) }, settleMs)
          }
          if (update.selectionSet || update.docChanged) on.line(update.state.doc.lineAt(update.state.selection.main.head).number)
        }),
      ],
    }),
  })
  const rewrap = (): void => view.dispatch({ effects: wrapping.reconfigure(wrap()) })
  width.addEventListener('change', rewrap)

  /** Not without need: it closes what is shown of a problem. */
  function underline(): void {
    const next = JSON.stringify([problems, readOnly])
    if (next === underlined) return
    const wrong = problems.some(({ severity }) => severity === 'error')
    view.dispatch({ effects: invalid.reconfigure(EditorView.contentAttributes.of({ 'aria-invalid': String(wrong) })) })
    showProblems(view, original, problems, readOnly ? undefined : on.fix)
    underlined = next
  }

  return {
    show(next) {
      original = next
      const changes = changesBetween(view.state.doc.toString(), toEditorText(next))
      if (changes.length > 0) view.dispatch({ changes, annotations: [fromOutside.of(true), isolateHistory.of('full')] })
    },
    setReadOnly(next) {
      readOnly = next
      const still = [EditorState.readOnly.of(true), EditorView.editable.of(false)]
      view.dispatch({ effects: access.reconfigure(next ? still : []) })
    },
    setProblems(next) {
      problems = next
      underline()
    },
    setKnown(next) {
      known = next
    },
    setMarks(next) {
      marks = next
      showLineMarks(view, next)
    },
    goTo(line, focus) {
      const { from } = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines))
      if (focus) {
        view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) })
        view.focus()
        return
      }
      // Without the focus nothing but the text itself scrolls: the page stays where its reader is.
      view.requestMeasure({
        read: () => view.lineBlockAt(from).top - view.scrollDOM.clientHeight / 3,
        write: (top) => { view.scrollDOM.scrollTop = Math.max(0, top) },
      })
    },
    destroy() {
      clearTimeout(settling)
      width.removeEventListener('change', rewrap)
      view.destroy()
    },
  }
}
