import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { approveMachine } from '../node/approve.ts'
import { admitNode } from '../node/admit.ts'
import { getMachine } from '../node/get.ts'
import { reportClient } from '../node/report-client.ts'
import { setMachineRoutes } from '../node/set-routes.ts'
import { setMachineTags } from '../node/set-tags.ts'
import { setAdvertised } from '../relay/set-advertised.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { createPolicyApprovals, type PolicyApprovals } from './approvals.ts'
import { savePolicy } from './save.ts'

const database = withTestDb()
const ann = person('admin')
let ctx: TestContext
let approvals: PolicyApprovals

const failed = (error: unknown): never => { throw error }

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  approvals = createPolicyApprovals(ctx, failed)
})
afterEach(async () => {
  await approvals.settled()
  approvals.dispose()
  ctx.dispose()
})

async function settled(): Promise<void> {
  await approvals.settled()
  await ctx.network.settled()
}

/** A policy with the approvers on line 2. */
async function save(autoApprovers: object, more = ''): Promise<void> {
  const { id } = await database.db.policyVersion.findFirstOrThrow({ orderBy: { id: 'desc' } })
  const text = `{"tagOwners": {"tag:gw": [], "tag:relay": []}, "grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}],\n"autoApprovers": ${JSON.stringify(autoApprovers)}}${more}`
  await savePolicy(ctx, ann, { text, expectedVersion: id })
  await settled()
}

/** A stock client of nobody's, or with tags. */
async function client(name: string, tags: string[] = []): Promise<number> {
  const { id } = await admitNode(ctx, claimOf(name))
  await database.db.relay.deleteMany({ where: { nodeId: id } })
  await database.db.node.update({ where: { id }, data: { kind: 'client', authorized: true, capVersion: 142, homeDerp: 900, tags } })
  ctx.bus.publish('node.changed', { nodeId: id, cause: 'test' })
  await settled()
  return id
}
async function offer(id: number, ...RoutableIPs: string[]): Promise<void> {
  await reportClient(ctx, id, { hostinfo: hostinfoSchema.parse({ RoutableIPs }) })
  await settled()
}
const approved = async (id: number): Promise<string[]> => (await database.db.node.findUniqueOrThrow({ where: { id } })).approvedRoutes
const audited = () => database.db.auditEvent.findMany({ where: { actorName: 'The policy' }, orderBy: { id: 'asc' } })

describe('routes', () => {
  test('are approved when they are offered, in force at once, and audited with the line', async () => {
    await save({ routes: { '10.9.0.0/16': ['tag:gw'] } })
    const [router, viewer] = [await client('office', ['tag:gw']), await client('laptop')]
    await offer(router, '10.9.1.0/24', '192.168.1.0/24')
    expect(await approved(router)).toEqual(['10.9.1.0/24'])
    expect(ctx.network.view(viewer)?.peers.find(({ id }) => id === router)?.routes).toEqual(['10.9.1.0/24'])
    expect(await getMachine(ctx, ann, { id: router })).toMatchObject({ routes: 1, routesToApprove: 1 })
    expect(await audited()).toMatchObject([{ action: 'machine.approve-routes', actorKind: 'system', targetName: 'office', before: { approvedRoutes: [] }, after: { approvedRoutes: ['10.9.1.0/24'], approved: ['10.9.1.0/24'], lines: [2] } }])
    await offer(router, '10.9.1.0/24', '10.9.2.0/24')
    expect(await approved(router)).toEqual(['10.9.1.0/24', '10.9.2.0/24'])
    // Not offered any more, it stays approved.
    await offer(router)
    expect(await approved(router)).toEqual(['10.9.1.0/24', '10.9.2.0/24'])
    expect(await audited()).toHaveLength(2)
  })

  test('that were offered before are approved once the policy, a tag or a role says so; and nothing is taken back', async () => {
    const [office, home] = [await client('office', ['tag:gw']), await client('home')]
    await offer(office, '10.9.0.0/16')
    await offer(home, '192.168.1.0/24', '0.0.0.0/0', '::/0')
    expect([await approved(office), await approved(home)]).toEqual([[], []])
    await save({ routes: { '0.0.0.0/0': ['tag:gw'] } })
    expect([await approved(office), await approved(home)]).toEqual([['10.9.0.0/16'], []])
    await setMachineTags(ctx, ann, { id: home, tags: ['tag:gw'] })
    await settled()
    expect(await approved(home)).toEqual(['192.168.1.0/24'])
    await save({ exitNode: ['tag:gw'] })
    expect(await approved(home)).toEqual(['0.0.0.0/0', '192.168.1.0/24', '::/0'])
    await save({})
    await setMachineTags(ctx, ann, { id: home, tags: [] })
    await settled()
    expect([await approved(office), await approved(home)]).toEqual([['10.9.0.0/16'], ['0.0.0.0/0', '192.168.1.0/24', '::/0']])
  })

  test('are approved by the role of a machine’s person once they have it', async () => {
    const { id: ownerId } = await database.db.user.create({ data: { name: 'Bob', email: 'bob@example.com', role: 'viewer' } })
    await save({ routes: { '10.0.0.0/8': ['autogroup:admin'] } })
    const id = await client('office')
    await database.db.node.update({ where: { id }, data: { ownerId } })
    await offer(id, '10.9.0.0/16')
    expect(await approved(id)).toEqual([])
    await database.db.user.update({ where: { id: ownerId }, data: { role: 'admin' } })
    ctx.bus.publish('person.changed', { id: ownerId })
    await settled()
    expect(await approved(id)).toEqual(['10.9.0.0/16'])
  })

  test('that somebody took back stay so until the offer or the approvers change', async () => {
    await save({ routes: { '10.0.0.0/8': ['tag:gw'] } })
    const id = await client('office', ['tag:gw'])
    await offer(id, '10.9.0.0/16')
    await setMachineRoutes(ctx, ann, { id, routes: [], exitNode: false })
    await reportClient(ctx, id, { endpoints: ['192.0.2.7:41641'] })
    await settled()
    await save({ routes: { '10.0.0.0/8': ['tag:gw'] } }, '\n// Another version, the same approvers.')
    expect(await approved(id)).toEqual([])
    await offer(id, '10.9.0.0/16', '10.10.0.0/16')
    expect(await approved(id)).toEqual(['10.10.0.0/16', '10.9.0.0/16'])
    await setMachineRoutes(ctx, ann, { id, routes: [], exitNode: false })
    await save({})
    await save({ routes: { '10.0.0.0/8': ['tag:gw'] } })
    expect(await approved(id)).toEqual(['10.10.0.0/16', '10.9.0.0/16'])
  })

  test('offered while nobody looked are approved at the next start', async () => {
    await save({ routes: { '10.0.0.0/8': ['tag:gw'] } })
    const id = await client('office', ['tag:gw'])
    approvals.dispose()
    await reportClient(ctx, id, { hostinfo: hostinfoSchema.parse({ RoutableIPs: ['10.9.0.0/16'] }) })
    expect(await approved(id)).toEqual([])
    approvals = createPolicyApprovals(ctx, failed)
    await settled()
    expect(await approved(id)).toEqual(['10.9.0.0/16'])
  })

  test('are at most as many as by hand', async () => {
    await save({ routes: { '10.0.0.0/8': ['tag:gw'] } })
    const id = await client('office', ['tag:gw'])
    for (const second of [1, 2]) await offer(id, ...Array.from({ length: 200 }, (_, i) => `10.${second}.${i}.0/24`))
    expect(await approved(id)).toHaveLength(256)
  })

  test('only ever become more, whatever is offered, tagged and saved', async () => {
    const id = await client('office')
    const prefix = fc.constantFrom('10.0.0.0/8', '10.9.0.0/16', '10.9.1.0/24', '192.168.0.0/16', '2001:db8::/32', '0.0.0.0/0', '::/0')
    const step = fc.oneof(
      fc.record({ offer: fc.uniqueArray(prefix, { maxLength: 4 }) }),
      fc.record({ tags: fc.subarray(['tag:gw']) }),
      fc.record({ routes: fc.uniqueArray(prefix, { maxLength: 2 }), exit: fc.boolean() }),
    )
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
      for (const one of steps) {
        const before = await approved(id)
        if ('offer' in one) await offer(id, ...one.offer)
        else if ('tags' in one) await setMachineTags(ctx, ann, { id, tags: one.tags })
        else await save({ routes: Object.fromEntries(one.routes.map((route) => [route, ['tag:gw']])), ...(one.exit && { exitNode: ['tag:gw'] }) })
        await settled()
        const { hostinfo, approvedRoutes, tags } = await database.db.node.findUniqueOrThrow({ where: { id } })
        const { autoApprovers } = ctx.network.policy()
        const offered = hostinfoSchema.parse(hostinfo).RoutableIPs
        const [exits, fresh] = [['0.0.0.0/0', '::/0'], approvedRoutes.filter((route) => !before.includes(route))]
        expect(approvedRoutes).toEqual(expect.arrayContaining(before))
        // What is new was offered, or is the other half of an exit node; and a tagged machine was approved by its tag alone.
        expect(fresh.filter((route) => !offered.includes(route) && !(exits.includes(route) && exits.some((exit) => offered.includes(exit))))).toEqual([])
        expect(fresh.length === 0 || tags.includes('tag:gw')).toBe(true)
        expect(fresh.some((route) => exits.includes(route)) && autoApprovers.exitNode.length === 0).toBe(false)
      }
    }), { numRuns: 8 })
  })
})

describe('relays', () => {
  const relayOf = (nodeId: number) => database.db.relay.findUniqueOrThrow({ where: { nodeId } })

  test('an agent that joins, has the tag and is let in is turned on, on the port that it asks for', async () => {
    await save({ relays: ['tag:relay'] })
    const { id } = await admitNode(ctx, claimOf('lock'))
    await setMachineTags(ctx, ann, { id, tags: ['tag:relay'] })
    await settled()
    expect((await relayOf(id)).advertised).toBe(false)
    await database.db.relay.update({ where: { nodeId: id }, data: { requestedPort: 41_000 } })
    await approveMachine(ctx, ann, { id })
    await settled()
    expect(await relayOf(id)).toMatchObject({ advertised: true, port: 41_000 })
    expect(ctx.network.relayConfig(id)).toMatchObject({ advertised: true, port: 41_000 })
    expect(await audited()).toMatchObject([{ action: 'relay.approve', targetName: 'lock', after: { advertised: true, port: 41_000, lines: [2] } }])
  })

  test('one that somebody turned off stays off, and one that is on stays on without an approver', async () => {
    await save({ relays: ['tag:relay'] })
    const [lock, weir] = [(await admitNode(ctx, claimOf('lock'))).id, (await admitNode(ctx, claimOf('weir'))).id]
    for (const id of [lock, weir]) {
      await approveMachine(ctx, ann, { id })
      await setMachineTags(ctx, ann, { id, tags: ['tag:relay'] })
    }
    await settled()
    const row = async (id: number): Promise<boolean> => (await relayOf(id)).advertised
    expect([await row(lock), await row(weir)]).toEqual([true, true])
    await setAdvertised(ctx, ann, { id: lock, advertised: false })
    await save({})
    await save({ relays: ['tag:relay', 'tag:gw'] })
    expect([await row(lock), await row(weir)]).toEqual([false, true])
  })
})
