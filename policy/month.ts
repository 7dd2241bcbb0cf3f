import type { Millis } from '../lib/clock.ts'

const names = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

/** A calendar month in UTC as `2026-11`: later ones sort behind. */
export function monthOf(at: Millis): string {
  return new Date(at).toISOString().slice(0, 7)
}

/** When the next month begins. */
export function nextMonthAt(at: Millis): Millis {
  return monthsLater(at, 1)
}

/** The beginning of the month that is so many later; earlier where it is negative. */
export function monthsLater(at: Millis, months: number): Millis {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)
}

export function monthName(at: Millis): string {
  return names[new Date(at).getUTCMonth()] ?? ''
}
