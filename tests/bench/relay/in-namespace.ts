// Runs inside a namespace, as a socket belongs to the one that its process is in. The first word is the task.
import { DataFolder } from '../../../agent/config.ts'
import { startFakeControl } from '../../agent/fake-control.ts'
import { allocatePairs, relayView, testClients, UdpClient } from '../../agent/rig.ts'
import { clientIp, relayIp } from './namespaces.ts'
import { firstClientPort, firstVni } from './plan.ts'

const [task = '', data = '', portText = '', sessions = ''] = process.argv.slice(2)
const port = Number(portText)
const clients = testClients(2 * Number(sessions))

/** A control plane that wants the relay on and looks at its figures: a report each second, as at its busiest. */
async function control(): Promise<void> {
  const server = await startFakeControl()
  server.setView(1, relayView(data, port, clients))
  setInterval(() => server.send({ type: 'watch', on: true }), 500)
  console.log(server.url)
}

/** The clients' handshakes, from the addresses that the load generator uses after them. */
async function bind(): Promise<void> {
  const allocated = allocatePairs(new DataFolder(data).keys().disco.secret, clients, firstVni).pairs
  for (const [i, pair] of allocated.entries()) {
    for (const [leg, me, other] of [[0, pair.a, pair.b], [1, pair.b, pair.a]] as const) {
      const socket = await UdpClient.open(port, { host: clientIp, port: firstClientPort + 2 * i + leg })
      await socket.bind(pair, me, other, relayIp)
      socket.close()
    }
  }
}

await (task === 'control' ? control() : bind())
