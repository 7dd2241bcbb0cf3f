// Loaded first in every program that npm start runs: when npm start is gone, killed even, its programs end too.
if (process.channel) {
  process.on('disconnect', () => {
    // Asked politely, it saves what it holds; one that hangs must not block the next start.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 8000).unref()
    process.kill(process.pid, 'SIGTERM')
  })
  // Listening must not keep a program alive that has nothing else to do.
  process.channel.unref()
}
