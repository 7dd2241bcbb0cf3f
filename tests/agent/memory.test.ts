import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DataFolder } from '../../agent/config.ts'
import { createRelay, defaultLimits } from '../../agent/relay/index.ts'
import { seededBytes } from '../simulation/client.ts'
import { startFakeControl } from './fake-control.ts'
import { AgentRig, freeUdpPort, relayView, testClients } from './rig.ts'

const rig = new AgentRig()
beforeAll(() => rig.build())
afterAll(() => rig.close())

/** So many that each with each other makes 10,011 endpoints. */
const clientCount = 142
const mostBytes = 120 * 1024 * 1024

test.skipIf(process.platform !== 'linux')('10,000 endpoints: the agent with one worker stays under 120 MiB', async () => {
  const data = rig.data('memory')
  const folder = new DataFolder(data)
  const clients = testClients(clientCount)
  const config = {
    enabled: true, nodes: clients.map(({ node }) => node), mayAllocate: clients.map(({ node }) => node.id), addresses: [{ ip: '127.0.0.1', port: 1 }], limits: defaultLimits,
  }
  const relay = createRelay({ randomBytes: seededBytes(5), nodeDisco: folder.keys().disco.secret, now: Date.now(), config })
  for (const [i, a] of clients.entries()) {
    for (const b of clients.slice(i + 1)) relay.handleDerpPacket(a.nodeKey, a.request(relay.nodeDiscoKey, b), Date.now())
  }
  expect(relay.endpoints).toBe(10_011)
  folder.saveRelayState(JSON.stringify(relay.saved()))
  const view = relayView(data, await freeUdpPort(), clients)
  folder.saveConfig({ revision: 0, skewMs: 0, view })
  const server = await startFakeControl()
  server.setView(1, view)
  const { pid } = rig.start('--data', data, '--server', server.url, '--auth-key', 'tskey-1', '--workers', '1')
  await expect.poll(() => server.reports.at(-1)?.endpoints, { timeout: 15_000 }).toBe(10_011)
  const resident = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  await expect.poll(resident, { timeout: 10_000 }).toBeLessThan(mostBytes)
  await server.close()
}, 60_000)
