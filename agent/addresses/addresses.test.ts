import { expect, test } from 'vitest'
import { formatAddrPort } from '../../lib/addr-port.ts'
import { decodeBindingRequest, encodeBindingResponse } from '../../protocol/stun/binding.ts'
import { advertise, interfaceIps, maxAdvertised, StunProber } from './index.ts'

const info = (address: string) => ({
  address, netmask: '', mac: '', internal: false, cidr: null, ...(address.includes(':') ? { family: 'IPv6', scopeid: 0 } as const : { family: 'IPv4' } as const),
})

test('interfaces: IPv4 first; no link-local, no overlay address; loopback only where there is nothing else', () => {
  const lo = [info('127.0.0.1'), info('::1')]
  expect(interfaceIps({ lo, eth0: [info('2001:DB8::5'), info('192.0.2.5'), info('fe80::1'), info('169.254.3.4')], ts: [info('100.101.1.1')] }))
    .toEqual(['192.0.2.5', '2001:db8::5'])
  expect(interfaceIps({ lo })).toEqual(['127.0.0.1', '::1'])
})

test('advertises static, interface and STUN addresses, each once and bounded', () => {
  const inputs = { port: 40_000, ipv6: false, statics: ['203.0.113.1:1', 'rubbish'], interfaces: ['192.0.2.5', '2001:db8::5'] }
  const stun = [{ ip: '192.0.2.5', port: 40_000 }, { ip: '198.51.100.7', port: 1234 }, { ip: '127.0.0.1', port: 40_000 }]
  expect(advertise({ ...inputs, stun }).map(({ address, source }) => `${source} ${formatAddrPort(address)}`))
    .toEqual(['static 203.0.113.1:1', 'interface 192.0.2.5:40000', 'stun 198.51.100.7:1234'])
  const many = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}:1`)
  expect(advertise({ ...inputs, stun, statics: many })).toHaveLength(maxAdvertised)
})

test('asks until answered, then each 25 s; forgets what is no longer seen', () => {
  let seed = 0
  const prober = new StunProber((length) => new Uint8Array(length).fill(++seed))
  prober.setServers([{ ip: '192.0.2.1', port: 3478 }])
  expect(prober.poll(0)).toHaveLength(1)
  expect(prober.poll(2999)).toEqual([])
  const [asked] = prober.poll(3000)
  const request = decodeBindingRequest(asked?.bytes ?? new Uint8Array())
  if (!request.ok) throw new Error(request.reason)
  const mapped = { ip: '198.51.100.7', port: 4000 }
  prober.handle(encodeBindingResponse({ transactionId: new Uint8Array(12), address: mapped }), 3010)
  expect(prober.mapped(3010)).toEqual([])
  prober.handle(encodeBindingResponse({ transactionId: request.value.transactionId, address: mapped }), 3010)
  expect(prober.mapped(3010)).toEqual([mapped])
  expect(prober.poll(28_009)).toEqual([])
  expect(prober.poll(28_010)).toHaveLength(1)
  expect(prober.mapped(103_010)).toEqual([])
})
