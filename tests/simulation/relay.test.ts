import { expect, test } from 'vitest'
import { createRelayWorld } from './relay-world.ts'

type World = ReturnType<typeof createRelayWorld>

/** What happens to a relay in 10,000 s: pauses, a grant taken away, the switch, a restart. */
function tenThousandSeconds(world: World): void {
  world.run(2_000_000)
  const quiet = world.members.slice(2)
  for (const member of quiet) member.isQuiet = true
  world.run(400_000)
  expect(world.relay.endpoints).toBe(1)
  for (const member of quiet) member.isQuiet = false
  world.run(1_600_000)

  world.reconfigure({ mayAllocate: [] }, 'grant removed')
  expect([world.relay.endpoints, world.running]).toEqual([0, 0])
  world.run(30_000)
  world.reconfigure({ mayAllocate: [1, 3] }, 'grant given')
  world.run(1_970_000)

  world.reconfigure({ enabled: false }, 'turned off')
  world.run(12_000)
  expect([world.relay.state, world.running]).toEqual(['off', 0])
  world.run(8000)
  world.reconfigure({ enabled: true }, 'turned on')
  world.run(1_980_000)

  world.restart()
  world.run(2_000_000)
}

const outcome = (world: World) => ({
  opened: world.opened, ended: world.ended, counters: world.relay.counters(), members: world.members.map(({ sent, received, roamed }) => [sent, received, roamed]),
})

test('100,000 s of loss, doubles, reordering, clients that roam and a stranger: every claim holds, and at the end nothing is left', () => {
  const world = createRelayWorld(1)
  for (let round = 0; round < 10; round++) tenThousandSeconds(world)
  const { opened, ended, members } = outcome(world)
  expect(Object.keys(ended).sort()).toEqual(expect.arrayContaining(['grant removed', 'turned off']))
  expect(Object.keys(ended).some((reason) => reason.startsWith('No traffic from'))).toBe(true)
  for (const [sent = 0, , roamed = 0] of members) {
    expect(sent).toBeGreaterThan(40_000)
    expect(roamed).toBeGreaterThan(50)
  }
  for (const [i, [sent = 0]] of members.entries()) expect((members[i ^ 1]?.[1] ?? 0) / sent).toBeGreaterThan(0.85)

  for (const member of world.members) member.isQuiet = true
  world.run(700_000)
  expect([world.relay.endpoints, world.running, world.relay.nextCommand()]).toEqual([0, 0, undefined])
  expect(Object.values(world.ended).reduce((a, b) => a + b, 0)).toBe(world.opened)
  expect(opened).toBeGreaterThan(50)
}, 120_000)

test('the same seed is the same run, another is another', () => {
  const run = (seed: number) => {
    const world = createRelayWorld(seed)
    world.run(2_000_000)
    return outcome(world)
  }
  expect(run(5)).toEqual(run(5))
  expect(run(5)).not.toEqual(run(6))
})
