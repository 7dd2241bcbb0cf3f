// ask OWN-PORT HOST:PORT…: asks each from the same port; prints a JSON array of how each sees it, null where none answers within a second.
import { createSocket } from 'node:dgram'

const [own, ...targets] = process.argv.slice(2)
const socket = createSocket('udp4')
const answers = new Map<string, string>()

function end(): void {
  console.log(JSON.stringify(targets.map((target) => answers.get(target) ?? null)))
  process.exit()
}

socket.on('message', (message, { address, port }) => {
  answers.set(`${address}:${port}`, message.toString())
  if (targets.every((target) => answers.has(target))) end()
})
socket.bind(Number(own), () => {
  for (const target of targets) {
    const [host, port] = target.split(':')
    socket.send('?', Number(port), host)
  }
  setTimeout(end, 1000)
})
