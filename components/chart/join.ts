/** Samples further apart have a pause between them: the page was hidden, or the relay or the control plane away. */
const pauseMs = 3500
/** Agents that nobody watches report each 10 s: up to this, the next report is merely not due yet, and that is no gap. */
const overdueMs = 15_000

export interface Joining<Point> {
  /** Means of steps, in order; what the server knew when it was asked. */
  readonly history: readonly Point[]
  readonly stepMs: number
  /** The seconds that this page has heard, in order. */
  readonly live: readonly Point[]
  /** The graph's window, milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  readonly isKnown: (point: Point) => boolean
  readonly unknownAt: (at: number) => Point
}

/** One line: the seconds heard, and history wherever none were. It is unknown only where nothing was reported for longer than 15 s. */
export function joinLive<Point extends { readonly at: number }>({ history, stepMs, live, from, to, isKnown, unknownAt }: Joining<Point>): Point[] {
  const line: Point[] = []
  // Since the last known point, which speaks of the time until `end`.
  let unknown: Point[] = []
  let end: number | undefined
  const settle = (until: number): void => {
    if (end === undefined) line.push(...unknown)
    else if (until - end > overdueMs) line.push(...(unknown.length > 0 ? unknown : [unknownAt(end)]))
    unknown = []
  }
  const add = (point: Point, spanMs: number): void => {
    if (!isKnown(point)) return void unknown.push(point)
    settle(point.at)
    line.push(point)
    end = point.at + spanMs
  }

  let heard = Number.NEGATIVE_INFINITY
  const past = history.values()
  let step = past.next()
  for (const second of live) {
    for (; !step.done && step.value.at < second.at; step = past.next()) {
      if (second.at - heard > pauseMs && step.value.at > heard) add(step.value, stepMs)
    }
    add(second, 1000)
    heard = second.at
  }
  for (; !step.done; step = past.next()) if (step.value.at > heard + pauseMs) add(step.value, stepMs)
  settle(to)
  return line.filter(({ at }) => at >= from)
}
