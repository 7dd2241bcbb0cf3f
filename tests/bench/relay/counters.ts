import { createSlots } from '../../../agent/dataplane/batched/slots.ts'
import { bucketBytes, counter, countersPerSlot, maxSlots } from '../../../agent/dataplane/batched/shared.ts'
import { barMost } from '../bench.ts'
import { figure } from '../stats.ts'
import type { Part } from './part.ts'

const sessions = 10_000
/** In a second: the event loop looks who is active, and a report takes all figures. */
const readsPerSecond = 2
const seconds = 50

function openSlots() {
  const counters = new Float64Array(new SharedArrayBuffer(maxSlots * countersPerSlot * 8))
  const slots = createSlots([counters], new Float64Array(new SharedArrayBuffer(bucketBytes)))
  for (let vni = 1; vni <= sessions; vni++) {
    for (const leg of [0, 1] as const) slots.apply({ type: 'bindForward', vni, leg, addr: { ip: '192.0.2.1', port: vni } })
  }
  return { counters, slots }
}

/** What it costs the main thread to read the figures of many sessions, all of them busy, as often as the agent does. */
export const countersPart: Part = {
  name: 'counters',
  about: `reading ${sessions.toLocaleString('en-US')} sessions' counters twice a second: share of a core`,
  sessions: 1,
  run({ rounds, say }) {
    const { counters, slots } = openSlots()
    const shares = Array.from({ length: rounds }, (_, round) => {
      let micros = 0
      for (let second = 1; second <= seconds; second++) {
        for (let slot = 0; slot < sessions; slot++) counters.fill(second, slot * countersPerSlot, slot * countersPerSlot + counter.tooBigFromA)
        const begun = process.cpuUsage()
        for (let i = 0; i < readsPerSecond; i++) {
          if (slots.readActivity().length + slots.readCounters().length !== 2 * sessions) throw new Error('not all sessions are read')
        }
        const { user, system } = process.cpuUsage(begun)
        micros += user + system
      }
      const share = micros / 1e6 / seconds
      say(`round ${round + 1}  ${(100 * share).toFixed(2)} % of a core, ${(micros / 1000 / seconds / readsPerSecond).toFixed(2)} ms each time`)
      return share
    })
    const share = figure({ name: `batched: reading ${sessions.toLocaleString('en-US')} sessions' counters`, unit: 'of a core', values: shares })
    return Promise.resolve({ results: [], figures: [share], bars: [barMost(`${share.name}, share of a core`, share.value, 0.01)] })
  },
}
