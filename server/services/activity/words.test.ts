import { expect, test } from 'vitest'
import { auditText } from './words.ts'

test.each([
  ['relay.set-advertised', 'lock-1', null, { advertised: false }, 'turned off lock-1'],
  ['relay.configure', 'lock-1', null, { port: 1, maxEndpoints: 2 }, 'changed the settings of lock-1: port, endpoint limit'],
  ['relay.request', 'vm-2', null, { requestedPort: 40_034 }, 'asked to advertise on port 40034'],
  ['machine.set-tags', 'sim-1', null, { tags: [] }, 'set the tags of sim-1 to none'],
  ['machine.set-routes', 'vm-1', null, { approvedRoutes: ['10.0.0.0/8', '192.168.1.0/24'] }, 'approved the routes 10.0.0.0/8, 192.168.1.0/24 on vm-1'],
  ['machine.set-routes', 'vm-1', null, { approvedRoutes: [] }, 'approved no routes on vm-1'],
  ['machine.approve-routes', 'vm-1', null, { approvedRoutes: ['10.0.0.0/8', '10.9.0.0/16'], approved: ['10.9.0.0/16'], lines: [12] }, 'approved the routes 10.9.0.0/16 on vm-1, line 12'],
  ['relay.approve', 'lock-1', { advertised: false }, { advertised: true, lines: [3] }, 'turned on lock-1, line 3'],
  ['machine.set-key-expiry', 'vm-1', null, { keyExpiryDisabled: false, keyExpiry: '2026-03-01T00:00:00.000Z' }, 'extended the key of vm-1 to 2026-03-01'],
  ['machine.set-key-expiry', 'vm-1', null, { keyExpiryDisabled: true, keyExpiry: null }, 'turned key expiry off for vm-1'],
  ['dns.save', 'net.example', null, { domain: 'net.example' }, 'renamed the network’s domain to net.example'],
  ['dns.save', 'net.example', null, { magicDns: false, routes: [] }, 'changed MagicDNS, split DNS'],
  ['machine.enrol', 'sim-1', null, { authKey: 'tpk_1' }, 'sim-1 joined with the auth key tpk_1'],
  ['machine.enrol', 'sim-1', null, { authorized: false }, 'sim-1 asks to join'],
  ['machine.remove', 'sim-1', null, { reason: 'it left' }, 'removed sim-1: it left'],
  ['policy.save', 'policy', { version: 1 }, { version: 2, message: 'less' }, 'saved version 2 of the policy: less'],
  ['person.set-role', 'Bob', { role: 'viewer' }, { role: 'admin' }, 'made Bob admin (was viewer)'],
  ['something.that-came-later', 'x', null, null, 'something that came later x'],
])('%s of %s', (action, target, before, after, text) => {
  expect(auditText({ action, target, before, after })).toBe(text)
})
