import { AgentRig, freeUdpPort, relayView, testClients } from './tests/agent/rig.ts'
import { startFakeControl } from './tests/agent/fake-control.ts'
import { DataFolder } from './agent/config.ts'
import { createRelay, defaultLimits } from './agent/relay/index.ts'
import { seededBytes } from './tests/simulation/client.ts'
import { readFileSync } from 'node:fs'
const rig = new AgentRig(); await rig.build()
const clients = testClients(142)
for (const plane of ['dgram'] as const) {
  const data = rig.data(`d-${plane}`); const port = await freeUdpPort()
  const folder = new DataFolder(data)
  const relay = createRelay({ randomBytes: seededBytes(5), nodeDisco: folder.keys().disco.secret, now: Date.now(), config: { enabled: true, nodes: clients.map(({ node }) => node), mayAllocate: clients.map(({ node }) => node.id), addresses: [{ ip: '127.0.0.1', port: 1 }], limits: defaultLimits } })
  let n = 0
  for (const a of clients) for (const b of clients) if (a.node.id < b.node.id) { relay.handleDerpPacket(a.nodeKey, a.request(relay.nodeDiscoKey, b), Date.now()); while (relay.nextCommand()) n++ }
  const saved = relay.saved()
  // every leg bound
  const s: any = JSON.parse(JSON.stringify(saved))
  console.log(n, JSON.stringify(s.allocations[0]))
  folder.saveRelayState(JSON.stringify(s))
  const view = { ...relayView(data, port, clients) }; (view as any).relay.maxEndpoints = 20000
  folder.saveConfig({ revision: 0, skewMs: 0, view })
  const server = await startFakeControl(); server.setView(7, view)
  const a = rig.start('--data', data, '--metrics-port', '19410', '--server', server.url, '--auth-key', 'k', '--data-plane', plane)
  for (let i = 0; i < 200 && server.relay?.state !== 'relaying'; i++) await new Promise(r => setTimeout(r, 100))
  for (const w of [2000, 6000]) { await new Promise(r => setTimeout(r, w)); const st = readFileSync(`/proc/${a.pid}/status`, 'utf8'); 
  const m = await (await fetch('http://127.0.0.1:19410/metrics')).text()
  console.log(plane, w, /VmRSS.*/.exec(st)?.[0], /VmHWM.*/.exec(st)?.[0], /towpath_relay_endpoints \d+/.exec(m)?.[0], /process_cpu\S+ [\d.]+/.exec(m)?.[0]) }
  console.log(a.output().slice(0,3000)); await rig.stop(); await server.close()
}
await rig.close(); process.exit(0)
