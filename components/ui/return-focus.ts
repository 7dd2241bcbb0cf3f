/** What had the focus when the dialog that is open now was opened. One at a time: dialogs do not nest. */
let opener: HTMLElement | null = null

const inDialog = '[role="dialog"]'

function takesFocus(element: HTMLElement | null): boolean {
  element?.focus()
  return element !== null && document.activeElement === element
}

/**
 * For the content of a dialog that is opened by state rather than by Radix's own trigger: on closing, the focus goes back to what
 * opened it; to the page's content where that is gone, as a button that removed its own row is.
 */
export const returnFocus = {
  onOpenAutoFocus: () => {
    const before = document.activeElement
    // A dialog that takes another one's place goes back to where that one would have.
    if (before instanceof HTMLElement && before !== document.body && before.closest(inDialog) === null) opener = before
  },
  onCloseAutoFocus: (event: Event) => {
    event.preventDefault()
    if (document.querySelector(`${inDialog}[data-state="open"]`) !== null) return
    if (!takesFocus(opener)) takesFocus(document.getElementById('content'))
    opener = null
  },
}
