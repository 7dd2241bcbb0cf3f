/** Entries of one day in the viewer's zone, in the order they came in. `key` is `2026-05-11`. */
export type Day<Row> = { readonly key: string; readonly title: string; readonly rows: readonly Row[] }

/** Groups rows (newest first) by day. Titles: "Today", "Yesterday", "Monday 11 May", with the year when it is another one. */
export function groupByDay<Row extends { readonly at: Date }>(rows: readonly Row[], now: Date, timeZone: string): Day<Row>[] {
  const dayKey = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const today = dayKey.format(now)
  const yesterday = dayBefore(today)
  const days: { key: string; title: string; rows: Row[] }[] = []
  for (const row of rows) {
    const key = dayKey.format(row.at)
    const last = days.at(-1)
    if (last?.key === key) last.rows.push(row)
    else days.push({ key, title: titleOf(key, today, yesterday), rows: [row] })
  }
  return days
}

function dayBefore(key: string): string {
  return new Date(Date.parse(`${key}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

function titleOf(key: string, today: string, yesterday: string): string {
  if (key === today) return 'Today'
  if (key === yesterday) return 'Yesterday'
  const year: Intl.DateTimeFormatOptions = key.slice(0, 4) === today.slice(0, 4) ? {} : { year: 'numeric' }
  const words = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long', ...year })
  // Some versions put a comma behind the weekday, but only where there is a year.
  return words.format(new Date(`${key}T12:00:00Z`)).replace(',', '')
}
