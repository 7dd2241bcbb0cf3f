// reflector PORT: tells whoever sends it a datagram where it came from.
import { createSocket } from 'node:dgram'

const socket = createSocket('udp4')
socket.on('message', (_message, { address, port }) => socket.send(`${address}:${port}`, port, address))
socket.bind(Number(process.argv[2]), () => console.log('ready'))
