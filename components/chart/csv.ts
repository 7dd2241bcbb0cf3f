export interface Column<Row> { readonly name: string; readonly value: (row: Row) => string | number | null }

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  // A spreadsheet takes these for formulas; quotes, commas and line ends would break the row.
  const safe = typeof value === 'string' && /^[=+\-@]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** RFC 4180 with a header line; what is unknown is empty. */
export function toCsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  return `${[columns.map(({ name }) => cell(name)), ...rows.map((row) => columns.map(({ value }) => cell(value(row))))].map((cells) => cells.join(',')).join('\r\n')}\r\n`
}

/** Hands a file to the browser. */
export function download(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
