import { expect, test } from 'vitest'
import { listenFault } from './listening.ts'

const error = (code: string): Error => Object.assign(new Error('no'), { code })

test.each([
  ['EACCES', 'tls-port', /^Port 443 TCP is not for this user: allow it by “setcap cap_net_bind_service=\+ep \S+” as root, or give --tls-port a port of 1024 or more \(the address .* carries it\)$/],
  ['EACCES', 'http-port', /--http-port a port of 1024 or more \(clients then .* --acme needs port 80 forwarded to it\)$/],
  ['EACCES', 'port', /^Port 443 TCP is not for this user: give --port a port of 1024 or more$/],
  ['EADDRINUSE', 'tls-port', /^Port 443 TCP is in use by another program: stop it, or give --tls-port another port$/],
  ['EADDRNOTAVAIL', 'tls-port', /^192\.0\.2\.1 is not an address of this machine: correct --bind$/],
  ['EMFILE', 'port', /^Port 443 TCP cannot be listened on \(EMFILE\): give --port another port$/],
])('%s on --%s is one line with its fix', (code, flag, message) => {
  expect(listenFault(error(code), { port: 443, bind: '192.0.2.1', flag }).message).toMatch(message)
})
