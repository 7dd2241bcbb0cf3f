import { autocompletion, completionStatus, pickedCompletion, startCompletion, type Completion as Row, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { complete, type Completion, type Known, type Option } from '@/policy/assist/index.ts'

/** What the language and this network let one write; `known` is asked each time. */
export function completion(known: () => Known): Extension {
  return [autocompletion({
    override: [(context) => rows(context, known())], icons: false, maxRenderedOptions: 60,
    // The list opens within what is quoted, where Enter means nothing but to take from it: also right after it opened.
    interactionDelay: 0,
  }), reachable]
}

/** The list scrolls, so the keyboard must be able to reach it, even though it is moved in from the text. */
const reachable = EditorView.updateListener.of(({ view, state }) => {
  if (completionStatus(state) !== 'active') return
  view.requestMeasure({ key: reachable, read: () => view.dom.querySelector('.cm-tooltip-autocomplete > ul'), write: (list) => list?.setAttribute('tabindex', '0') })
})

function rows(context: CompletionContext, known: Known): CompletionResult | null {
  const found = complete(context.state.doc.toString(), context.pos, known)
  if (found === undefined || (!found.begun && !context.explicit)) return null
  return {
    from: found.typedFrom,
    options: found.options.map((option, at) => row(option, at, found, context.pos)),
    // A colon may decide what comes next, so that it is asked again.
    validFor: /^[^"\s[\]{},:]*$/,
  }
}

function row(option: Option, at: number, { typedFrom, from, to }: Completion, asked: number): Row {
  const { label, match, detail, about } = option
  return {
    label: match,
    ...(match === label ? {} : { displayLabel: label }),
    ...(detail === '' ? {} : { detail }),
    ...(about === '' ? {} : { info: about }),
    // In the given order, where typing does not prefer one.
    sortText: String(at).padStart(6, '0'),
    apply: (view, chosen, start, end) => take(view, chosen, option, start - (typedFrom - from), end + (to - asked)),
  }
}

function take(view: EditorView, chosen: Row, { insert, caret }: Option, from: number, to: number): void {
  view.dispatch({
    changes: { from, to: Math.min(to, view.state.doc.length), insert }, selection: { anchor: from + caret },
    scrollIntoView: true, userEvent: 'input.complete', annotations: pickedCompletion.of(chosen),
  })
  // Something is to be filled in.
  if (caret < insert.length) startCompletion(view)
}
