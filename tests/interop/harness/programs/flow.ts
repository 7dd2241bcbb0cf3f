// flow serve PORT | flow send HOST PORT EVERY-MS: one says a number each time, the other repeats it. On SIGUSR2 the sender prints what was since the last.
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const [mode, ...words] = process.argv.slice(2)

function serve(port: number): void {
  createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.pipe(socket)
  }).listen(port, () => console.log('ready'))
}

function send(host: string, port: number, everyMs: number): void {
  let [sent, answered, received, sinceReport, silenceMs, last] = [0, 0, 0, 0, 0, 0]
  let closed: string | null = null
  const heard = (): void => {
    const now = performance.now()
    silenceMs = Math.max(silenceMs, now - last)
    last = now
  }
  const socket = connect(port, host, () => {
    socket.setNoDelay(true)
    last = performance.now()
    setInterval(() => socket.write(`${++sent}\n`), everyMs)
  })
  createInterface({ input: socket }).on('line', (line) => {
    if (++answered === 1) console.log('ready')
    if (Number(line) !== answered) closed ??= `out of order: ${line} after ${answered - 1}`
    received++
    heard()
  })
  socket.on('error', ({ message }) => { closed ??= message })
  socket.on('close', () => { closed ??= 'closed' })
  process.on('SIGUSR2', () => {
    // A silence that lasts counts as far as it has come, and again in full in the next report.
    const lasting = performance.now() - last
    console.log(JSON.stringify({ sent: sent - sinceReport, received, silenceMs: Math.round(Math.max(silenceMs, lasting)), closed }))
    ;[sinceReport, received, silenceMs] = [sent, 0, 0]
  })
}

if (mode === 'serve') serve(Number(words[0]))
else send(words[0] ?? '', Number(words[1]), Number(words[2]))
