import { expect, test } from 'vitest'
import { maxMessages } from './rings.ts'
import { createRuns, type Runs } from './runs.ts'

/** Where the runs of each destination lie, in their order. */
function chains(runs: Runs): Record<number, number[]> {
  return Object.fromEntries(Array.from({ length: runs.chains }, (_, chain) => {
    const places: number[] = []
    for (let run = runs.chainFirst[chain] ?? -1; run >= 0; run = runs.next[run] ?? -1) places.push(runs.at[run] ?? -1)
    return [runs.chainTo[chain], places]
  }))
}

const add = (runs: Runs, to: number, at: number): void => runs.add(to, at, 100, 100, 1, 0)

test('runs of one destination are a chain, in their order, whatever comes between', () => {
  const runs = createRuns()
  runs.clear()
  for (const [at, to] of [7, 3, 7, 7, 3].entries()) add(runs, to, at)
  expect(chains(runs)).toEqual({ 7: [0, 2, 3], 3: [1, 4] })
  runs.clear()
  expect(chains(runs)).toEqual({})
  add(runs, 3, 9)
  expect(chains(runs)).toEqual({ 3: [9] })
})

test('what is kept of earlier batches means nothing after the last generation', () => {
  const runs = createRuns(0x7fff_fffe)
  for (let batch = 0; batch < 4; batch++) {
    runs.clear()
    add(runs, 5, batch)
    add(runs, 5, batch + 10)
    expect(chains(runs)).toEqual({ 5: [batch, batch + 10] })
  }
})

test('it is full when every segment of a batch is a run of its own', () => {
  const runs = createRuns()
  runs.clear()
  for (let i = 0; i < maxMessages; i++) {
    expect(runs.isFull).toBe(false)
    add(runs, i, i)
  }
  expect(runs.isFull).toBe(true)
  expect(runs.chains).toBe(maxMessages)
})
