import { seededBytes } from './client.ts'

/** Of UDP packets, each way. */
const lossShare = 0.03
const doubleShare = 0.02
/** The way takes from 5 to 65 ms, so packets overtake each other. */
const shortestMs = 5
const spreadMs = 60

interface Event {
  readonly at: number
  readonly run: () => void
}

/** Time and a lossy network, both by a seed: the same seed is the same run. */
export function createNetwork(seed: number, start: number) {
  const random = seededBytes(seed)
  /** What is to come, the last first. Bounded: what is on its way, and a timer or two each. */
  const events: Event[] = []
  let now = start

  function chance(): number {
    const [a = 0, b = 0, c = 0] = random(3)
    return (a * 65_536 + b * 256 + c) / 16_777_216
  }

  function later(ms: number, run: () => void): void {
    const event = { at: now + ms, run }
    events.splice(events.findLastIndex(({ at }) => at > event.at) + 1, 0, event)
  }

  return {
    get now() { return now },
    chance,
    later,
    /** Has a packet arrive late, twice or never. */
    send(arrive: () => void) {
      if (chance() < lossShare) return
      const copies = chance() < doubleShare ? 2 : 1
      for (let copy = 0; copy < copies; copy++) later(shortestMs + spreadMs * chance(), arrive)
    },
    /** Lets `ms` pass; `deadline` is asked before each step, and `onDeadline` called once it is reached. */
    run(ms: number, deadline: () => number, onDeadline: (now: number) => void) {
      const end = now + ms
      while (now < end) {
        const next = events.at(-1)
        const due = Math.min(deadline(), end)
        if (next && next.at <= due) {
          events.pop()
          now = next.at
          next.run()
          continue
        }
        now = due
        if (deadline() <= now) onDeadline(now)
      }
    },
  }
}
