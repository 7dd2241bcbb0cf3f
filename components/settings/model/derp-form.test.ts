import { expect, test } from 'vitest'
import { saveDerpRegionSchema } from '@/server/services/derp/shape.ts'
import { certificateWords, newRegion, newServer, readRegion, serverWords, typedRegion } from './derp-form.ts'

const typed = { code: 'far', name: 'Far away', servers: [{ ...newServer, host: 'derp.example.com', stunPort: '0' }] }

test('what is typed is what the control plane takes', () => {
  const read = readRegion(typed)
  expect(read).toEqual({ ok: true, value: { code: 'far', name: 'Far away', servers: [{ host: 'derp.example.com', ipv4: '', ipv6: '', derpPort: 443, stunPort: 0, pin: '' }] } })
  expect(saveDerpRegionSchema.safeParse(read.ok ? read.value : {}).success).toBe(true)
})

test('each empty or wrong field is named by its path', () => {
  expect(readRegion(newRegion)).toEqual({ ok: false, problems: { code: expect.any(String), name: expect.any(String), 'servers.0.host': expect.any(String) } })
  expect(readRegion({ ...typed, servers: [...typed.servers, { ...newServer, host: 'b', derpPort: '0', stunPort: 'x' }] })).toEqual({
    ok: false, problems: { 'servers.1.derpPort': 'The port is 1 to 65,535.', 'servers.1.stunPort': 'The port is 0 to 65,535.' },
  })
})

test('a region is edited as it is saved', () => {
  const row = { id: 901, code: 'far', name: 'Far', machines: 0, servers: [{ host: 'a', ipv4: '', ipv6: 'none', derpPort: 8443, stunPort: 0, pin: '' }] }
  const read = readRegion(typedRegion(row))
  expect(read.ok && read.value.servers).toEqual(row.servers)
})

test('a row in words', () => {
  const server = { host: '2001:db8::1', ipv4: '', ipv6: '', derpPort: 443, stunPort: 3478, pin: '' }
  expect([serverWords({ servers: [server, server] }), serverWords({ servers: [{ ...server, host: 'a' }] }), serverWords({ servers: [] })])
    .toEqual(['[2001:db8::1]:443, and 1 more', 'a:443', 'not running'])
  expect([certificateWords(''), certificateWords('sha256-raw:00')]).toEqual(['by name', 'pinned'])
})
