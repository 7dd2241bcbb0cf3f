import { setDiagnostics, type Diagnostic } from '@codemirror/lint'
import type { EditorView } from '@codemirror/view'
import type { Fix } from '@/policy/index.ts'
import type { EditorProblem } from '../model/check.ts'
import { toEditorOffset } from './model/newlines.ts'

/** More than this nobody reads at once, and each costs on every key press. */
const maxShown = 100

/** Underlines the problems of `text`, each with its words and its fix on hover. */
export function showProblems(view: EditorView, text: string, problems: readonly EditorProblem[], onFix: ((fix: Fix) => void) | undefined): void {
  const { length } = view.state.doc
  const diagnostics = problems.slice(0, maxShown).map(({ severity, message, fix, change, ...span }): Diagnostic => {
    const from = Math.min(toEditorOffset(text, span.from), length)
    // Of what is several lines long the first says where: with the gutter's mark that is enough.
    const to = Math.max(from, Math.min(toEditorOffset(text, span.to), view.state.doc.lineAt(from).to))
    const actions = change === undefined || onFix === undefined ? [] : [{ name: change.label, apply: () => onFix(change) }]
    return { from, to, severity, message: change === undefined && fix !== '' ? `${message} ${fix}` : message, actions }
  })
  view.dispatch(setDiagnostics(view.state, diagnostics))
}
