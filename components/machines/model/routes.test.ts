import { expect, test } from 'vitest'
import { exitState, offerWords, routeState, withApproval, type ShownRoute } from './routes.ts'

const office: ShownRoute = { route: '10.9.0.0/16', offered: true, approved: true, problem: '', carries: true, carrier: 'r1', others: [] }
const r1 = { name: 'r1', online: true }

test.each([
  [{}, 'In force', null, 'met'],
  [{ others: [{ name: 'r2' }, { name: 'r3' }] }, 'In force', 'r2, r3 stand by', 'met'],
  [{ carries: false, carrier: 'r2' }, 'Stands by', 'r2 carries it until it is gone', 'met'],
  [{ approved: false }, 'Not approved', 'nobody is told of it', 'met'],
  [{ offered: false }, 'Not offered', 'r1 does not offer it now', 'pending'],
  [{ problem: 'is within 100.64.0.0/10 (the network’s own addresses)' }, 'Not possible', 'it is within 100.64.0.0/10 (the network’s own addresses)', 'met'],
])('a route that is %j: %s', (part, word, reason, actual) => {
  expect(routeState({ ...office, ...part }, r1)).toMatchObject({ word, reason, actual })
})

test('of a machine that is offline it says so', () => {
  expect(routeState(office, { ...r1, online: false })).toMatchObject({ word: 'In force', reason: 'but the machine is offline', look: 'offline' })
  expect(['no', 'offered', 'approved', 'approved-not-offered'].map((exit) => exitState(exit as Parameters<typeof exitState>[0], r1).word)).toEqual(['Not offered', 'Not approved', 'In force', 'Not offered'])
})

test('a switch changes its own route alone', () => {
  const machine = { exitNode: 'approved' as const, subnetRoutes: [office, { ...office, route: '10.8.0.0/16', approved: false }] }
  expect(withApproval(machine, { route: '10.8.0.0/16', approved: true })).toEqual({ routes: ['10.9.0.0/16', '10.8.0.0/16'], exitNode: true })
  expect(withApproval(machine, { route: '10.9.0.0/16', approved: false })).toEqual({ routes: [], exitNode: true })
  expect(withApproval(machine, { exitNode: false })).toEqual({ routes: ['10.9.0.0/16'], exitNode: false })
})

test('what a machine does for others reads in words', () => {
  expect(offerWords({ exitNode: 'approved', routes: 1, routesToApprove: 0 })).toBe('exit node, 1 route')
  expect(offerWords({ exitNode: 'offered', routes: 2, routesToApprove: 0 })).toBe('2 routes, exit node to approve')
  expect(offerWords({ exitNode: 'no', routes: 0, routesToApprove: 1 })).toBe('1 route to approve')
  expect(offerWords({ exitNode: 'no', routes: 0, routesToApprove: 0 })).toBe('')
})
