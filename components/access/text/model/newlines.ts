/** The editor counts every line break as one character; a text with `\r\n` has two there. */
export function toEditorText(text: string): string {
  return text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text
}

/** A text of the editor with the line breaks of the one that it came from. */
export function fromEditorText(text: string, original: string): string {
  return original.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text
}

/** An offset into a text as the editor counts it. */
export function toEditorOffset(text: string, offset: number): number {
  return text.includes('\r\n') ? offset - (text.slice(0, offset).match(/\r\n/g)?.length ?? 0) : offset
}
