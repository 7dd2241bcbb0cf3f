/** How long a share holds: short enough that a flood is met at once, long enough that bursts of single packets average out. */
export const shareIntervalMs = 50

/** What is shared out shrinks by this with each interval that loses, and grows by that with each that does not. */
const shrinking = 0.9
const growing = 1.02
/** And is never less than this part of what was handled before: where receiving alone is too much, shedding more helps nobody. */
const leastPart = 0.25

/**
 * Who may send how much while more comes than can be handled. Without it the kernel drops whatever comes last, so that
 * a flood takes nearly all of it; with it each source has an equal part, and what one does not use is the others'.
 * It costs nothing until datagrams are lost.
 */
export interface FairShare {
  readonly isOn: boolean
  /** Whether `packets` of a source (0 to `sources` - 1) may go on; only while it is on. */
  take(source: number, packets: number): boolean
  /** Ends an interval. `lost`: the kernel dropped some in it. */
  turn(lost: boolean): void
}

/** On for so long after the last loss: a flood that was cut back does not lose, and would be let in again. */
const calmIntervals = 20

export function createFairShare(sources: number): FairShare {
  /** Wanted and let through in this interval, by source; only of those in `active`. */
  const wanted = new Float64Array(sources)
  const passed = new Float64Array(sources)
  /** Bounded: each source once an interval. */
  let active: number[] = []
  let most = Infinity
  /** What was handled in the first interval that counted, and what is shared out now; 0: nothing was counted yet. */
  let capacity = 0
  let room = 0
  let intervalsLeft = 0

  const reset = (): void => {
    for (const source of active) {
      wanted[source] = 0
      passed[source] = 0
    }
    active = []
  }

  return {
    get isOn() { return intervalsLeft > 0 },
    take(source, packets) {
      const before = wanted[source] ?? 0
      if (before === 0) active.push(source)
      wanted[source] = before + packets
      const through = (passed[source] ?? 0) + packets
      if (through > most) return false
      passed[source] = through
      return true
    },
    turn(lost) {
      if (lost) intervalsLeft = calmIntervals
      else if (intervalsLeft > 0) intervalsLeft--
      if (intervalsLeft === 0) room = capacity = 0
      else if (active.length > 0) {
        if (capacity === 0) room = capacity = active.reduce((all, source) => all + (passed[source] ?? 0), 0)
        room = Math.min(capacity, Math.max(capacity * leastPart, room * (lost ? shrinking : growing)))
      }
      most = room === 0 ? Infinity : equalPart(active.map((source) => wanted[source] ?? 0), room)
      reset()
    },
  }
}

/** The part `p` with which the sum of the smaller of each want and `p` is `room`; Infinity where all wants fit. */
export function equalPart(wants: readonly number[], room: number): number {
  const sorted = wants.toSorted((a, b) => a - b)
  let left = room
  for (const [i, want] of sorted.entries()) {
    const part = left / (sorted.length - i)
    if (want > part) return part
    left -= want
  }
  return Infinity
}
