import type { Millis } from '../../lib/clock.ts'
import type { CurrentPath } from './peer.ts'

/** Packets that are on two paths at once come out of order: what is still missing after this is lost. */
const lateMs = 2000
/** Path changes kept; the oldest are folded into the next. */
const maxSpans = 1000

export interface PathSpan {
  readonly path: CurrentPath
  readonly from: Millis
  readonly lost: number
}

/** What the path was, and what was lost meanwhile. */
export interface PathLog {
  /** Lost so far. */
  readonly lost: number
  /** `missing`: packets below the newest that are not here. */
  note(path: CurrentPath, missing: number, now: Millis): void
  /** The end: nothing is on its way any more. */
  settle(path: CurrentPath, missing: number, now: Millis): void
  spans(): PathSpan[]
}

export function createPathLog(): PathLog {
  /** Bounded: `maxSpans`. */
  const spans: { path: CurrentPath; from: Millis; lost: number }[] = []
  /** The fewest missing in the current stretch of `lateMs`, and in the one before. */
  let fewest = Infinity
  let fewestBefore = Infinity
  let stretchAt: Millis = -Infinity
  let lost = 0

  function lostIsNow(now: number): void {
    const last = spans.at(-1)
    if (last) last.lost += now - lost
    lost = now
  }

  function note(path: CurrentPath, missing: number, now: Millis): void {
    const last = spans.at(-1)
    if (!last || nameOf(last.path) !== nameOf(path)) spans.push({ path, from: now, lost: 0 })
    if (spans.length > maxSpans) {
      const [first] = spans.splice(0, 1)
      const [next] = spans
      if (first && next) next.lost += first.lost
    }
    if (now - stretchAt >= lateMs) {
      stretchAt = now
      fewestBefore = fewest
      fewest = Infinity
    }
    fewest = Math.min(fewest, missing)
    const settled = Math.min(fewest, fewestBefore)
    // Fewer than before: a very late one came.
    if (settled !== Infinity && settled !== lost) lostIsNow(settled)
  }

  return {
    get lost() { return lost },
    note,
    settle(path, missing, now) {
      note(path, missing, now)
      lostIsNow(missing)
    },
    spans: () => spans.map((span) => ({ ...span })),
  }
}

function nameOf({ kind, relay, address }: CurrentPath): string {
  return [kind, relay?.vni, address?.ip, address?.port].join()
}
