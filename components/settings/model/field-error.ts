/** An error about a field, without the field's own name in front, as one sentence for under the field. */
export function fieldErrorText(words: { readonly text: string; readonly fix: string; readonly path: string | undefined }): string {
  const { text, fix, path } = words
  const plain = path !== undefined && text.startsWith(`${path}: `) ? text.slice(path.length + 2) : text
  // A message that begins with a name or an address keeps it as it is written.
  const said = plain === text ? plain : plain.charAt(0).toUpperCase() + plain.slice(1)
  // The router's own advice on a field only says to correct it, which the mark beside it says too.
  const advice = fix === '' || fix.startsWith('Correct the field') ? '' : ` ${fix}${fix.endsWith('.') ? '' : '.'}`
  return `${said}${said.endsWith('.') ? '' : '.'}${advice}`
}
