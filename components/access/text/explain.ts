import { StateEffect, StateField, type EditorState, type Extension } from '@codemirror/state'
import { EditorView, hoverTooltip, keymap, showTooltip, ViewPlugin, type Tooltip, type ViewUpdate } from '@codemirror/view'
import { type About, aboutAt, type Known } from '@/policy/assist/index.ts'

/** How long the cursor must rest before what is there is said below the text. */
const restMs = 150

const setPinned = StateEffect.define<About | undefined>()

/** What the keyboard asked for; it goes with the next edit or move. */
const pinned = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, transaction) {
    const effect = transaction.effects.findLast((each) => each.is(setPinned))
    if (effect !== undefined) return effect.value === undefined ? null : tooltip(effect.value)
    return transaction.docChanged || transaction.selection !== undefined ? null : shown
  },
  provide: (field) => showTooltip.from(field),
})

function tooltip({ from, to, text }: About): Tooltip & { readonly end: number } {
  return {
    pos: from, end: to, above: true,
    create: () => {
      const dom = document.createElement('div')
      dom.className = 'cm-about'
      dom.textContent = text
      return { dom }
    },
  }
}

/** What stands under the pointer, at Ctrl/⌘ I, and below the text wherever the cursor rests (`say`). */
export function explain(known: () => Known, say: (words: string) => void): Extension {
  const at = (state: EditorState, position: number): About | undefined => aboutAt(state.doc.toString(), position, known())
  return [
    pinned,
    hoverTooltip(({ state }, position) => {
      const found = at(state, position)
      return found === undefined ? null : tooltip(found)
    }),
    keymap.of([
      {
        key: 'Mod-i', preventDefault: true,
        run: (view) => {
          const found = at(view.state, view.state.selection.main.head)
          view.dispatch({ effects: [setPinned.of(found), EditorView.announce.of(found?.text ?? 'Nothing to explain here.')] })
          return true
        },
      },
      {
        key: 'Escape',
        run: (view) => {
          if (view.state.field(pinned) === null) return false
          view.dispatch({ effects: setPinned.of(undefined) })
          return true
        },
      },
    ]),
    ViewPlugin.define((view) => {
      let timer: ReturnType<typeof setTimeout> | undefined
      return {
        update(update: ViewUpdate) {
          if (!update.selectionSet && !update.docChanged) return
          clearTimeout(timer)
          timer = setTimeout(() => say(at(view.state, view.state.selection.main.head)?.text ?? ''), restMs)
        },
        destroy: () => clearTimeout(timer),
      }
    }),
  ]
}
