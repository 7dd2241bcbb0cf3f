import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../../policy/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { admitNode } from '../node/admit.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { checkPolicy } from './check.ts'
import { ensurePolicy } from './document.ts'
import { getPolicy } from './get.ts'
import { savePolicy } from './save.ts'
import { getPolicyVersion, listPolicyVersions } from './versions.ts'

const database = withTestDb()
let ctx: TestContext
beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
})
afterEach(() => ctx.dispose())

const ann = person('admin')
const withoutRelays = defaultPolicy().replace(/\n.*cap\/relay.*\n/, '\n')

/** A relay and two peers with a session that runs. */
async function runSession(): Promise<{ relay: number; a: number; b: number }> {
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:relay'] })
  const peers = await createAuthKey(ctx, ann, { tags: ['tag:simulated'], reusable: true })
  const relay = await admitNode(ctx, claimOf('lock-1', { authKey: key }))
  const [a, b] = [await admitNode(ctx, claimOf('sim-1', { authKey: peers.key, kind: 'simulated' })), await admitNode(ctx, claimOf('sim-2', { authKey: peers.key, kind: 'simulated' }))]
  await ctx.network.settled()
  ctx.running.set('s', { id: 's', relayId: relay.id, aId: a.id, bId: b.id, bitsFromA: 1_000_000, bitsFromB: 2_000_000, bytesFromA: 0, bytesFromB: 0 })
  return { relay: relay.id, a: a.id, b: b.id }
}

test('a new network has the first policy, once', async () => {
  await Promise.all([ensurePolicy(database.db), ensurePolicy(database.db)])
  const policy = await getPolicy(ctx, person('viewer'))
  expect(policy).toMatchObject({ text: defaultPolicy(), author: 'Towpath', etag: `"policy-${policy.version}"` })
  expect(await database.db.policyVersion.count()).toBe(1)
})

describe('checking a text', () => {
  test('names problems with their place and what to write instead', async () => {
    const text = '{\n  "tagOwners": {"tag:relay": []},\n  "grants": [{"src": ["*"], "dst": ["tag:rely"], "ip": ["*"]}],\n}'
    const { problems, grants, ends } = await checkPolicy(ctx, ann, { text })
    const offset = text.indexOf('"tag:rely"')
    expect(problems).toEqual([expect.objectContaining({
      severity: 'error', line: 3, column: 37, from: offset, to: offset + 10,
      message: 'The tag "tag:rely" is not defined in "tagOwners". Did you mean "tag:relay"?', fix: 'Change to "tag:relay"',
      change: { label: 'Change to "tag:relay"', offset, length: 10, replacement: '"tag:relay"' },
    })])
    expect([grants, ends]).toEqual([[], []])
  })

  test('of a machine’s name, says what to write for it', async () => {
    await runSession()
    const address = ctx.network.network().nodes.find(({ name }) => name === 'sim-1')?.addresses[0]
    const text = '{"grants": [{"src": ["sim-1"], "dst": ["nas"], "ip": ["*"]}]}'
    const fix = `"sim-1" is a machine: write ${address}, name it in "hosts", or give it a tag`
    expect(address).toMatch(/^100\./)
    expect((await checkPolicy(ctx, ann, { text })).problems.map((problem) => problem.fix)).toEqual([fix, ''])
    const { version } = await getPolicy(ctx, ann)
    await expect(savePolicy(ctx, ann, { text, expectedVersion: version })).rejects.toMatchObject({ code: 'invalid', fix })
  })

  test('lists its grants, and which running sessions saving it would end and why', async () => {
    const { relay } = await runSession()
    const check = await checkPolicy(ctx, ann, { text: withoutRelays })
    expect(check.grants).toEqual([{ line: 20, src: ['*'], dst: ['*'], ip: ['*'], relay: false }])
    expect(check.ends).toEqual([{
      id: 's', a: 'sim-1', b: 'sim-2', relay: 'lock-1', reason: 'grant removed (it was on line 23): no grant lets sim-1 or sim-2 use lock-1', bits: 3_000_000, next: [],
    }])
    expect(check.totalEnds).toBe(1)
    expect(ctx.network.view(relay)?.serves).toHaveLength(2)
    expect((await checkPolicy(ctx, ann, { text: defaultPolicy() })).ends).toEqual([])
  })

  test('says by name who gains and who loses what', async () => {
    await runSession()
    const { preview, tests } = await checkPolicy(ctx, ann, { text: withoutRelays })
    expect(preview?.loses).toEqual({ machines: 2, total: 1, rows: [
      { kind: 'relay', detail: '', who: { count: 2, names: ['sim-1', 'sim-2'], group: 'tag:simulated' }, what: { count: 1, names: ['lock-1'] }, isAll: true },
    ] })
    expect(preview?.gains).toEqual({ machines: 0, total: 0, rows: [] })
    expect(preview?.notes).toEqual([])
    expect(tests).toEqual({ total: 0, passed: 0, failed: [] })
    expect((await checkPolicy(ctx, ann, { text: `${defaultPolicy()}// later` })).preview?.notes).toEqual(['This changes nothing for any machine.'])
  })

  test('a quota that is used up is no change, and what it holds back stays held back', async () => {
    await runSession()
    const text = '{"tagOwners": {"tag:relay": [], "tag:simulated": []}, "grants": [{"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{"quota": "1MiB/month"}]}}]}'
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { text, expectedVersion: version })
    ctx.network.quotas.took(ctx.network.quotas.uses().map(({ key }) => ({ key, month: '2026-01', bytes: 2 << 20 })))
    expect(await checkPolicy(ctx, ann, { text: `${text}// later` })).toMatchObject({ preview: { gains: { total: 0 }, notes: ['This changes nothing for any machine.'] }, totalEnds: 1 })
    const raised = await checkPolicy(ctx, ann, { text: text.replace('1MiB', '3MiB') })
    expect(raised).toMatchObject({ preview: { gains: { rows: [{ kind: 'terms' }] } }, totalEnds: 0 })
    expect((await checkPolicy(ctx, ann, { text: text.replace(/"grants".*/, '"grants": []}') })).preview?.loses.rows).toMatchObject([{ kind: 'relay' }])
  })

  test('of a grant that only lets routers be seen, it is not said that nothing changes', async () => {
    await runSession()
    const sight = '{"src": ["tag:simulated"], "dst": ["10.9.0.0/16"], "via": ["tag:relay"], "app": {"example.com/cap/x": [{}]}}'
    const withGrants = (...grants: string[]) => defaultPolicy().replace('"grants": [', `"grants": [${grants.map((grant) => `${grant}, `).join('')}`)
    const notes = async (text: string) => (await checkPolicy(ctx, ann, { text })).preview?.notes
    expect(await notes(withGrants(sight))).toEqual(['This permits nobody anything else: "via" without "ip" only lets machines see routers.'])
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { text: withGrants(sight), expectedVersion: version })
    expect(await notes(withGrants(sight, sight))).toEqual(['This changes nothing for any machine.'])
  })

  test('warns of what opens everything', async () => {
    await runSession()
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { text: '{"grants": []}', expectedVersion: version })
    const { preview } = await checkPolicy(ctx, ann, { text: '{}' })
    expect(preview?.notes).toEqual(['Without "grants" and "acls" every machine reaches every other on every port: write "grants": [] to allow nothing.'])
    expect(preview?.gains.rows).toMatchObject([{ kind: 'reach', detail: '*', who: { count: 3, group: '*' }, what: { count: 3 } }])
  })

  test('lets the process go on meanwhile, and ends when nobody waits any more', async () => {
    await runSession()
    const ending = new AbortController()
    const beats: string[] = []
    const checked = checkPolicy(ctx, ann, { text: withoutRelays }, ending.signal).then(() => beats.push('checked'), ({ code }: { code: string }) => beats.push(code))
    setImmediate(() => {
      beats.push('else')
      ending.abort()
    })
    await checked
    expect(beats).toEqual(['else', 'abandoned'])
  })

  test('a text of more than a mebibyte is refused unread', async () => {
    await expect(checkPolicy(ctx, ann, { text: ' '.repeat((1 << 20) + 1) })).rejects.toThrow('a policy is at most 1 MiB')
  })
})

describe('saving a text', () => {
  test('puts it in force for everybody, with a version and an entry in the trail', async () => {
    const { relay } = await runSession()
    const { version } = await getPolicy(ctx, ann)
    const causes: string[] = []
    ctx.bus.subscribe('views.changed', ({ nodeIds, cause }) => { if (nodeIds.includes(relay)) causes.push(cause) })
    const saved = await savePolicy(ctx, ann, { text: withoutRelays, expectedVersion: version, message: 'no relays today' })
    expect(saved).toMatchObject({ text: withoutRelays, author: 'Ann', message: 'no relays today' })
    expect(saved.version).toBeGreaterThan(version)
    expect(ctx.network.view(relay)?.serves).toEqual([])
    expect(causes).toEqual(['grant removed (it was on line 23)'])
    expect((await listPolicyVersions(ctx, ann)).rows.map(({ message }) => message)).toEqual(['no relays today', 'The first policy'])
    expect(await database.db.auditEvent.findFirst({ where: { action: 'policy.save' } }))
      .toMatchObject({ actorName: 'Ann', before: { version }, after: { version: saved.version, message: 'no relays today' } })
  })

  test('over somebody else’s change is a conflict that says whose, and writes nothing', async () => {
    const { version } = await getPolicy(ctx, ann)
    const outcomes = await Promise.allSettled([
      savePolicy(ctx, person('admin', 'Ann'), { text: withoutRelays, expectedVersion: version }),
      savePolicy(ctx, person('admin', 'Bob'), { text: `${withoutRelays}\n`, expectedVersion: version }),
    ])
    const winner = await getPolicy(ctx, ann)
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }): unknown => reason)
    expect(lost).toEqual([expect.objectContaining({
      code: 'conflict', message: `${winner.author} saved version ${winner.version} meanwhile; yours began with version ${version}`,
    })])
    expect(await database.db.policyVersion.count()).toBe(2)
    expect(await database.db.auditEvent.count({ where: { action: 'policy.save' } })).toBe(1)
  })

  test('that is not valid is refused with its problems; the one in force stays', async () => {
    const { version } = await getPolicy(ctx, ann)
    await expect(savePolicy(ctx, ann, { text: '{"grants": [{}, {}]}', expectedVersion: version })).rejects.toMatchObject({
      code: 'invalid', path: 'text', details: { problems: expect.arrayContaining([expect.objectContaining({ line: 1, severity: 'error' })]) },
    })
    expect((await getPolicy(ctx, ann)).version).toBe(version)
  })

  test('that would take too much memory is refused with what to do, and checking says the same', async () => {
    const ranges = Array.from({ length: 40_000 }, (_, i) => `add 10.${i >> 15}.${i >> 7 & 255}.${(i & 127) * 2}`)
    const grants = Array.from({ length: 350 }, (_, i) => ({ src: ['ipset:many', `192.0.${i >> 8}.${i & 255}`], dst: ['*'], ip: ['*'] }))
    const text = JSON.stringify({ ipsets: { 'ipset:many': ranges }, grants })
    const { version } = await getPolicy(ctx, ann)
    const problem = { severity: 'error', code: 'too-heavy', line: 1, message: expect.stringMatching(/would take \d+ MB/), fix: expect.stringMatching(/one group/) }
    await expect(savePolicy(ctx, ann, { text, expectedVersion: version })).rejects.toMatchObject({ code: 'invalid', details: { problems: [problem] } })
    expect(await checkPolicy(ctx, ann, { text })).toMatchObject({ problems: [problem], grants: [], totalEnds: 0 })
    expect((await getPolicy(ctx, ann)).version).toBe(version)
  })

  test('that is in force already makes no version', async () => {
    const { version } = await getPolicy(ctx, ann)
    expect(await savePolicy(ctx, ann, { text: defaultPolicy(), expectedVersion: version })).toMatchObject({ version })
  })

  test('of which a test fails is refused with the line of the test, and nothing changes', async () => {
    await runSession()
    const { version } = await getPolicy(ctx, ann)
    const text = `{
  "tagOwners": {"tag:relay": ["autogroup:admin"], "tag:simulated": ["autogroup:admin"]},
  "grants": [{"src": ["tag:simulated"], "dst": ["tag:simulated"], "ip": ["443"]}],
  "tests": [{"src": "tag:simulated",
             "accept": ["tag:simulated:443"],
             "deny": ["tag:relay:443"]},
            {"src": "tag:simulated", "accept": ["tag:relay:22"]}],
}`
    await expect(savePolicy(ctx, ann, { text, expectedVersion: version })).rejects.toMatchObject({
      code: 'invalid', message: expect.stringContaining('Line 7, column 49: Test fails: "tag:simulated" should reach "tag:relay:22".'),
      details: { problems: [expect.objectContaining({ line: 7, column: 49, code: 'test' })] },
    })
    expect((await getPolicy(ctx, ann)).version).toBe(version)
    expect((await checkPolicy(ctx, ann, { text })).tests).toMatchObject({ total: 3, passed: 2, failed: [{ line: 7, column: 49, src: 'tag:simulated', target: 'tag:relay:22', expected: 'accept', message: expect.stringMatching(/^Test fails: "tag:simulated" should reach "tag:relay:22"\. No rule lets /) }] })
    expect(await savePolicy(ctx, ann, { text: text.replace('"accept": ["tag:relay:22"]', '"deny": ["tag:relay:22"]'), expectedVersion: version })).toMatchObject({ author: 'Ann' })
  })
})

describe('saved versions', () => {
  test('are listed by the page, with how many lines each changed', async () => {
    let { version } = await getPolicy(ctx, ann)
    const first = version
    for (const text of ['{\n"grants": []\n}', '{\n"grants": [],\n"groups": {}\n}']) version = (await savePolicy(ctx, ann, { text, expectedVersion: version })).version
    const { rows, next } = await listPolicyVersions(ctx, ann, { limit: 2 })
    expect(rows.map((row) => row.lines)).toEqual([{ added: 2, removed: 1 }, { added: expect.any(Number), removed: expect.any(Number) }])
    const older = await listPolicyVersions(ctx, ann, { limit: 2, cursor: next })
    expect(older).toMatchObject({ rows: [{ version: first, lines: null }], next: null })
  })

  test('are read whole, and restored by saving their text', async () => {
    const { version: first } = await getPolicy(ctx, ann)
    const { version: second } = await savePolicy(ctx, ann, { text: withoutRelays, expectedVersion: first })
    const old = await getPolicyVersion(ctx, person('viewer'), { version: first })
    expect(old).toMatchObject({ version: first, text: defaultPolicy(), previous: null })
    expect(await getPolicyVersion(ctx, ann, { version: second })).toMatchObject({ text: withoutRelays, previous: first })
    const restored = await savePolicy(ctx, ann, { text: old.text, expectedVersion: second, message: `Restore version ${first}` })
    expect(restored.version).toBeGreaterThan(second)
    expect(await database.db.auditEvent.findMany({ where: { action: 'policy.save' }, orderBy: { id: 'desc' }, take: 1 })).toMatchObject([{ after: { message: `Restore version ${first}` } }])
    await expect(getPolicyVersion(ctx, ann, { version: restored.version + 1 })).rejects.toMatchObject({ code: 'not-found' })
  })
})
