const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Bounded: one formatter per shape and time zone that a page uses. */
const formatters = new Map<string, Intl.DateTimeFormat>()
function formatter(shape: string, options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  const key = `${shape} ${timeZone}`
  const known = formatters.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone })
  formatters.set(key, made)
  return made
}

const clockOptions: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }

/** `14:09`, or `14:09:30`. */
export function clockTime(at: number, zone: string, seconds = false): string {
  return seconds
    ? formatter('clock-seconds', { ...clockOptions, second: '2-digit' }, zone).format(at)
    : formatter('clock', clockOptions, zone).format(at)
}

/** `12 May`. */
export function calendarDay(at: number, zone: string): string {
  return formatter('day', { day: 'numeric', month: 'short' }, zone).format(at)
}

/** `12 May 2026, 14:14:40 CEST`. */
export function exactTime(at: number, zone: string): string {
  return formatter('exact', { ...clockOptions, second: '2-digit', day: 'numeric', month: 'short', year: 'numeric', timeZoneName: 'short' }, zone).format(at)
}

/** The clock within a day, the day before that: what a column of times needs. */
export function shortTime(at: number, now: number, zone: string): string {
  return Math.abs(now - at) < 20 * hour ? clockTime(at, zone) : calendarDay(at, zone)
}

/** `48 s`, `29 min`, `3 h 11 min`, `12 d`: how long, in words that do not move too often. */
export function duration(ms: number): string {
  const span = Math.max(0, ms)
  if (span < minute) return `${Math.floor(span / 1000)} s`
  if (span < hour) return `${Math.floor(span / minute)} min`
  if (span < day) {
    const minutes = Math.floor((span % hour) / minute)
    return minutes ? `${Math.floor(span / hour)} h ${minutes} min` : `${Math.floor(span / hour)} h`
  }
  return `${Math.floor(span / day)} d`
}

/** `now` up to 5 s, else `29 min ago` or `in 7 d`: what was just given seven days has them. */
export function relative(at: number, now: number): string {
  const gone = now - at
  if (Math.abs(gone) < 5000) return 'now'
  if (gone > 0) return `${duration(gone)} ago`
  return -gone < 2 * day ? `in ${duration(-gone)}` : `in ${Math.round(-gone / day)} d`
}
