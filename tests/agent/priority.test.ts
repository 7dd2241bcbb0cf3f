import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchedPlane, isLinux } from '../contract/planes.ts'
import { startFakeControl } from './fake-control.ts'
import { AgentRig, freeUdpPort, relayView, testClients } from './rig.ts'

const rig = new AgentRig()
beforeAll(() => rig.build())
afterAll(() => rig.close())

/** nice(2) of each thread of a process. */
function niceness(pid: number | 'self'): number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    // The name before may hold blanks and brackets.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })
}

test.skipIf(!isLinux)('workers give themselves the priority that they are told, and no other thread', async () => {
  const priority = getPriority() + 3
  const plane = batchedPlane(() => undefined, { workers: 2, priority })
  await plane.start(0)
  expect(niceness('self').filter((one) => one === priority)).toHaveLength(2)
  await plane.close()
})

test.skipIf(!isLinux || process.getuid?.() !== 0)('where an agent may, all its threads come before those that forward', async () => {
  const data = rig.data('priority')
  const server = await startFakeControl()
  server.setView(1, relayView(data, await freeUdpPort(), testClients(2)))
  const { pid } = rig.start('--data', data, '--server', server.url, '--auth-key', 'tskey-1', '--data-plane', 'batched', '--workers', '2')
  await expect.poll(() => server.relay?.state, { timeout: 15_000 }).toBe('relaying')
  const all = niceness(pid ?? 0)
  expect(all.filter((one) => one === getPriority())).toHaveLength(2)
  expect(new Set(all)).toEqual(new Set([getPriority(), getPriority() - 10]))
  await server.close()
})
