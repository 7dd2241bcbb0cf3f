// The least that forwards by VNI on node:dgram: what the agent's own work is measured against. Plain JavaScript, as the
// agent is when it runs. Sessions come as JSON, [vni, address, port, port] each.
import { createSocket } from 'node:dgram'

const [port, sessions] = [Number(process.argv[2]), JSON.parse(process.argv[3])]
const byVni = new Map(sessions.map(([vni, ip, a, b]) => [vni, { ip, a, b }]))
// The same as the agent's: a resolver that answers at once, and room for bursts.
const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) })
socket.on('message', (bytes, from) => {
  if (bytes.length < 8) return
  const session = byVni.get((bytes[4] << 16) | (bytes[5] << 8) | bytes[6])
  if (!session || from.address !== session.ip) return
  if (from.port === session.a) socket.send(bytes, session.b, session.ip)
  else if (from.port === session.b) socket.send(bytes, session.a, session.ip)
})
socket.bind(port, () => {
  socket.setRecvBufferSize(4 << 20)
  socket.setSendBufferSize(4 << 20)
  console.log('ready')
})
