// transfer receive PORT | transfer send HOST PORT BYTES: each prints how much, its SHA-256, and the time from first to last byte as JSON.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const [mode, ...words] = process.argv.slice(2)
const hash = createHash('sha256')
let [bytes, since] = [0, 0]

function take(chunk: Buffer): void {
  since ||= performance.now()
  bytes += chunk.length
  hash.update(chunk)
}

function tell(): void {
  console.log(JSON.stringify({ bytes, sha256: hash.digest('hex'), ms: performance.now() - since }))
}

function receive(port: number): void {
  const server = createServer((socket) => {
    server.close()
    socket.on('data', take)
    socket.on('error', ({ message }) => console.error(message))
    socket.on('end', () => {
      tell()
      socket.end()
    })
  }).listen(port, () => console.log('ready'))
}

async function send(host: string, port: number, total: number): Promise<void> {
  const socket = connect(port, host)
  await once(socket, 'connect')
  while (bytes < total) {
    const chunk = randomBytes(Math.min(1 << 18, total - bytes))
    take(chunk)
    if (!socket.write(chunk)) await once(socket, 'drain')
  }
  socket.end()
  socket.resume()
  await once(socket, 'end')
  tell()
}

if (mode === 'receive') receive(Number(words[0]))
else await send(words[0] ?? '', Number(words[1]), Number(words[2]))
