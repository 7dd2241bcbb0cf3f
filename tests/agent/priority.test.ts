import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { getPriority } from 'node:os'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchedPlane, isLinux } from '../contract/planes.ts'
import { startFakeControl } from './fake-control.ts'
import { AgentRig, freeUdpPort, relayView, testClients } from './rig.ts'

const rig = new AgentRig()
beforeAll(() => rig.build())
afterAll(() => rig.close())

const own = getPriority()
const mayRaise = isLinux && spawnSync('nice', ['-n', '-10', 'nice'], { encoding: 'utf8' }).stdout.trim() === String(own - 10)
const withoutRight = ['setpriv', '--bounding-set', '-sys_nice', '--inh-caps', '-sys_nice'] as const
const mayDrop = mayRaise && spawnSync(withoutRight[0], [...withoutRight.slice(1), 'true']).status === 0

/** nice(2) of each thread of a process. */
function niceness(pid: number | 'self'): number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    // The name before may hold blanks and brackets.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })
}

test.skipIf(!isLinux || own > 16)('workers give themselves the priority that they are told, and no other thread', async () => {
  const priority = own + 3
  const plane = batchedPlane(() => undefined, { workers: 2, priority })
  try {
    await plane.start(0)
    expect(niceness('self').filter((one) => one === priority)).toHaveLength(2)
  } finally {
    await plane.close()
  }
})

async function prioritiesOfAgent(name: string): Promise<number[]> {
  const data = rig.data(name)
  const server = await startFakeControl()
  try {
    server.setView(1, relayView(data, await freeUdpPort(), testClients(2)))
    const { pid } = rig.start('--data', data, '--server', server.url, '--auth-key', 'tskey-1', '--data-plane', 'batched', '--workers', '2')
    await expect.poll(() => server.relay?.state, { timeout: 15_000 }).toBe('relaying')
    return niceness(pid ?? 0)
  } finally {
    await server.close()
  }
}

test.skipIf(!mayRaise)('where an agent may, all its threads come before those that forward', async () => {
  const all = await prioritiesOfAgent('priority')
  expect(all.filter((one) => one === own)).toHaveLength(2)
  expect(new Set(all)).toEqual(new Set([own, own - 10]))
})

test.skipIf(!mayDrop)('where it may not, all stay equal, and it goes on', () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const program = new URL('../../agent/dataplane/batched/priority.ts', import.meta.url).href
  const code = `import(${JSON.stringify(program)}).then(({ comeBeforeForwarding }) => console.log(comeBeforeForwarding(), require('os').getPriority()))`
  const { stdout } = spawnSync(withoutRight[0], [...withoutRight.slice(1), process.execPath, '--import', tsx, '-e', code], { encoding: 'utf8' })
  expect(stdout.trim()).toBe(`undefined ${own}`)
})
