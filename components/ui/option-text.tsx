const option = /(--[a-z]+(?:-[a-z]+)*(?: [A-Z]+\b)?)/

/** A text in which a program's options, `--tls-cert` and `--acme NAME`, stay on one line: broken at a hyphen they read as two. */
export function OptionText({ text }: { readonly text: string }) {
  return text.split(option).map((part, at) => (
    // Every other part is what the pattern found.
    // oxlint-disable-next-line react/no-array-index-key -- a part is its place
    at % 2 === 0 ? part : <span key={at} className="whitespace-nowrap">{part}</span>
  ))
}
