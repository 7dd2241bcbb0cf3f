import { expect, test } from 'vitest'
import { bucketNumbers } from '../rate-limits.ts'
import { counter, countersPerSlot, maxSlots } from './shared.ts'
import { createSlots } from './slots.ts'

const buckets = new Float64Array(bucketNumbers(2 * maxSlots))
const addr = { ip: '192.0.2.1', port: 1 }

test('figures are of all workers together, and never go back though a worker takes back what was not sent', () => {
  const workers = [new Float64Array(maxSlots * countersPerSlot), new Float64Array(maxSlots * countersPerSlot)] as const
  const slots = createSlots(workers, buckets)
  const bound = slots.apply({ type: 'bindForward', vni: 7, leg: 0, addr })
  const at = (bound?.type === 'bind' ? bound.slot : 0) * countersPerSlot + counter.packetsFromA
  workers[0][at] = 5
  workers[1][at] = 3
  expect(slots.readActivity()).toEqual([{ vni: 7, packets: [8, 0] }])
  workers[0][at] = 2
  expect(slots.readCounters()).toMatchObject([{ vni: 7, packets: [8, 0] }])
  workers[0][at] = 6
  expect(slots.readActivity()).toEqual([{ vni: 7, packets: [9, 0] }])
})

test('a freed slot is the last to be given again, and starts at zero', () => {
  const worker = new Float64Array(maxSlots * countersPerSlot)
  const slots = createSlots([worker], buckets)
  const slotOf = (vni: number): number => {
    const command = slots.apply({ type: 'bindForward', vni, leg: 0, addr })
    if (command?.type !== 'bind') throw new Error('not bound')
    return command.slot
  }
  const first = slotOf(1)
  worker.fill(9)
  slots.apply({ type: 'unbindForward', vni: 1, gentle: false })
  for (let vni = 2; vni <= maxSlots; vni++) expect(slotOf(vni)).not.toBe(first)
  expect(slotOf(maxSlots + 1)).toBe(first)
  expect(slots.readActivity().at(-1)).toEqual({ vni: maxSlots + 1, packets: [0, 0] })
  expect(slots.apply({ type: 'bindForward', vni: maxSlots + 2, leg: 0, addr })).toBeUndefined()
})

test('a new worker is told all that stands, in an order that it can obey', () => {
  const slots = createSlots([new Float64Array(maxSlots * countersPerSlot)], buckets)
  slots.apply({ type: 'bindForward', vni: 1, leg: 0, addr })
  slots.apply({ type: 'bindForward', vni: 1, leg: 1, addr })
  slots.apply({ type: 'unbindForward', vni: 1, gentle: true })
  slots.apply({ type: 'bindForward', vni: 2, leg: 1, addr })
  slots.apply({ type: 'unbindForward', vni: 2, gentle: false })
  expect(slots.all().map(({ type, vni }) => [type, vni])).toEqual([['bind', 1], ['bind', 1], ['gentle', 1]])
})
