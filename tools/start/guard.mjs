// Loaded first in every program that npm start runs.
import { setFlagsFromString } from 'node:v8'

// Half as much again as is alive, and then it is swept. By default it is four times as much: what a thousand clients said while they joined came to
// a gigabyte. A Node that does not know the flag goes on without it.
setFlagsFromString('--heap-growing-percent=50')

// When npm start is gone, killed even, its programs end too.
if (process.channel) {
  process.on('disconnect', () => {
    // Asked politely, it saves what it holds; one that hangs must not block the next start.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 8000).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  // Listening must not keep a program alive that has nothing else to do.
  process.channel.unref()
}
