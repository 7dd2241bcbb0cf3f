// The least that forwards by VNI on node:dgram: what the agent's own work is measured against. Plain JavaScript, as the
// agent is when it runs. It is started as any relay that `--against` names.
import { createSocket } from 'node:dgram'

const [port, sessions, firstPort, firstVni] = ['PORT', 'SESSIONS', 'FIRST_PORT', 'FIRST_VNI'].map((name) => Number(process.env[name]))
const ip = process.env.CLIENT_IP
const byVni = new Map(Array.from({ length: sessions }, (_, i) => [firstVni + i, { a: firstPort + 2 * i, b: firstPort + 2 * i + 1 }]))
// The same as the agent's: a resolver that answers at once, and room for bursts.
const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) })
socket.on('message', (bytes, from) => {
  if (bytes.length < 8) return
  const session = byVni.get((bytes[4] << 16) | (bytes[5] << 8) | bytes[6])
  if (!session || from.address !== ip) return
  if (from.port === session.a) socket.send(bytes, session.b, ip)
  else if (from.port === session.b) socket.send(bytes, session.a, ip)
})
socket.bind(port, () => {
  socket.setRecvBufferSize(4 << 20)
  socket.setSendBufferSize(4 << 20)
  console.log('ready')
})
