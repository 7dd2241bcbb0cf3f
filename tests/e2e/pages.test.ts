import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bufferNote } from '../../agent/dataplane/batched/open-socket.ts'
import type { Tab } from './harness/browser.ts'
import { inDatabase } from './harness/database.ts'
import { atRest, background, overflow, violations } from './harness/look.ts'
import { redeem, turnOwnRelayOn, type Person } from './harness/person.ts'
import { fillPolicyText } from './harness/policy-text.ts'
import { startProduct, type Product } from './harness/product.ts'
import { run } from './harness/program.ts'
import { untilOnRelay } from './harness/simulation.ts'
import { waitFor } from './harness/wait.ts'

const widths = [1440, 360] as const
const themes = ['light', 'dark'] as const
/** The page's own background in each theme. */
const backgrounds = { light: 'rgb(247, 250, 250)', dark: 'rgb(12, 16, 17)' } as const

let product: Product
let person: Person
let relayId: number
let machineId: number
/** The newest version of the policy. */
let versionId: number
/** The other of its pair. */
let peerId: number
/** One signed in, one not, of each width. */
let tabs: readonly { readonly width: number; readonly inside: Tab; readonly outside: Tab }[]

const call = () => person.client

/** The longest that a data plane says beside a relay that relays. */
const note = bufferNote({ asked: 4_194_304, receive: 212_992, send: 212_992 })

/** Every kind of thing that a page lists: on the relay, on DERP with a reason, ended, and what people and programs sign in with. */
async function fill(): Promise<void> {
  const { installation: { url, relayPort } } = product
  relayId = await turnOwnRelayOn(person, { port: relayPort, staticEndpoints: ['203.0.113.18:40000'] })
  const peers = product.simulate(3, '500kbit')
  const invite = await call().person.invite.mutate({ role: 'viewer' })
  await redeem(url, invite.link, { email: 'bea@example.com', password: 'a viewer of the locks' })
  await call().authKey.create.mutate({ description: 'for the second relay', tags: ['tag:relay'] })
  const revoked = await call().authKey.create.mutate({ description: '', reusable: true, ephemeral: true })
  await call().authKey.revoke.mutate({ id: revoked.row.id })
  await call().derp.save.mutate({ code: 'far', name: 'Far away', servers: [{ host: 'derp.example.com', pin: 'ab'.repeat(32) }, { host: '192.0.2.9', derpPort: 8443, stunPort: 0 }] })
  await call().apiToken.create.mutate({ name: 'ci', scopes: ['relays:read', 'sessions:read'] })

  await untilOnRelay(peers, 3)
  const machines = await call().machine.list.query()
  const addressOf = (name: string): string => machines.find((machine) => machine.name === name)?.addresses[0] ?? ''
  machineId = machines.find(({ name }) => name === 'sim-a2')?.id ?? 0
  peerId = machines.find(({ name }) => name === 'sim-b2')?.id ?? 0
  const { version } = await call().policy.get.query()
  versionId = (await call().policy.save.mutate({
    expectedVersion: version, message: 'the first pair must go without',
    text: `{
  // Who runs what.
  "tagOwners": {"tag:relay": ["autogroup:owner"], "tag:simulated": ["autogroup:owner"]},
  "grants": [
    {"src": ["*"], "dst": ["*"], "ip": ["*"]},
    {"src": ${JSON.stringify(['sim-a2', 'sim-b2', 'sim-a3', 'sim-b3'].map(addressOf))}, "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{"maxSessions": 20, "quota": "2TiB/month", "maxRate": "50mbit"}]}},
  ],
  "tests": [
    {"src": "tag:simulated", "accept": ["tag:simulated:443"]},
    {"relay": [{"src": ${JSON.stringify(addressOf('sim-a2'))}, "via": "tag:relay", "accept": true}]},
  ],
  "nodeAttrs": [{"target": ["tag:simulated"], "attr": ["randomize-client-port", "disable-captive-portal-detection"]}],
}
`,
  })).version
  await waitFor('a pair on DERP with its reason, an ended session', async () => {
    const [derp, ended] = await Promise.all([call().session.derpPairs.query(), call().session.list.query({ state: 'ended' })])
    return derp.some(({ why }) => why !== '') && ended.rows.length > 0 ? true : undefined
  }, 20_000)
  await narrowTheWays()
}

/** As on a machine whose kernel and whose ways to clients are not the best: packets too large both ways of one session and one way of those that ended, and a data plane that lacks something. */
async function narrowTheWays(): Promise<void> {
  await inDatabase(product.installation.data, async (db) => {
    await db.relaySession.updateMany({ where: { endedAt: null, aName: { in: ['sim-a2', 'sim-b2'] } }, data: { tooBigA: 1204n, tooBigB: 1n } })
    await db.relaySession.updateMany({ where: { endedAt: { not: null } }, data: { tooBigA: 88_123n } })
    await db.relay.update({ where: { nodeId: relayId }, data: { stateText: note, dataplane: 'batched', workers: 3, sessionRate: 3_000_000n, bufferAsked: 4_194_304, bufferReceive: 212_992, bufferSend: 212_992 } })
  })
}

beforeAll(async () => {
  product = await startProduct()
  person = await product.makeOwner()
  const [made] = await Promise.all([
    Promise.all(widths.map(async (width) => ({ width, inside: await product.openOwnersTab(width), outside: await product.openTab(width) }))),
    fill(),
  ])
  tabs = made
})

afterAll(() => product?.stop())

interface Visit {
  readonly path: string | (() => string)
  /** What is there once the page is complete. */
  readonly shows: (page: Page) => Promise<unknown>
  /** Nobody is signed in. */
  readonly outside?: boolean
  /** The answer is 404, which a browser logs. */
  readonly missing?: boolean
}

const row = (table: string, text: string) => (page: Page) => page.getByRole('table', { name: table, exact: true }).getByText(text).first().waitFor()
const text = (wanted: string | RegExp) => (page: Page) => page.getByText(wanted).first().waitFor()
const opened = (name: string) => async (page: Page) => {
  await page.getByRole('button', { name, exact: true }).and(page.locator(':enabled')).click()
  await page.getByRole('dialog').waitFor()
}
/** On a relay's page, which asks again: its agent may have told the state that it really has meanwhile. */
const narrowed = (shows: Visit['shows']): Visit['shows'] => async (page) => {
  await narrowTheWays()
  await shows(page)
}
const graphs = (count: number) => (page: Page) => page.locator('figure canvas').nth(count - 1).waitFor()

const visits: Readonly<Record<string, Visit>> = {
  overview: { path: '/', shows: graphs(1) },
  'overview, table': { path: '/?range=15m&view=table', shows: row('Throughput', 'Mbit/s') },
  relays: { path: '/relays', shows: text('sudo ufw allow') },
  'relay, live': { path: () => `/relays/${relayId}`, shows: graphs(3) },
  'relay, limits of its clients': { path: () => `/relays/${relayId}?range=15m`, shows: text('50 Mbit/s each way') },
  'relay, packets too big': { path: () => `/relays/${relayId}?range=15m`, shows: text('larger than the way') },
  'relay, its data plane': {
    path: () => `/relays/${relayId}?range=15m`,
    shows: narrowed((page) => Promise.all(['or bursts are lost', 'batched, 3 threads', '208 KiB', '3 Mbit/s each way'].map((words) => row('Wanted and actual', words)(page)))),
  },
  'relay, 15 min': { path: () => `/relays/${relayId}?range=15m`, shows: graphs(3) },
  'relay, 1 h': { path: () => `/relays/${relayId}?range=1h`, shows: graphs(3) },
  'relay, 24 h': { path: () => `/relays/${relayId}?range=24h`, shows: graphs(3) },
  'relay, table': { path: () => `/relays/${relayId}?range=15m&view=table&unit=packets`, shows: (page) => page.getByRole('table').first().waitFor() },
  'sessions now, one with packets too big': { path: '/sessions', shows: row('Running sessions', 'larger than the way') },
  'sessions on DERP': { path: '/sessions?state=derp', shows: row('Pairs on DERP', 'No grant lets') },
  'sessions ended': { path: '/sessions?state=ended', shows: row('Ended sessions', 'grant removed') },
  'sessions ended, with packets too big': { path: '/sessions?state=ended', shows: row('Ended sessions', 'larger than the way') },
  machines: { path: '/machines', shows: row('Machines', 'sim-b3') },
  'machine, its limits': { path: () => `/machines/${machineId}`, shows: text('At most 20 sessions') },
  'machine, its attributes': { path: () => `/machines/${machineId}`, shows: text('disable-captive-portal-detection') },
  machine: { path: () => `/machines/${machineId}`, shows: row('Relays it may use', 'line 6') },
  access: { path: '/access?tool=versions', shows: text('the first pair must go without') },
  'access, what a version changed': { path: () => `/access?tool=versions&version=${versionId}`, shows: (page) => page.getByLabel(`What version ${versionId} changed`).waitFor() },
  'access, what saving changes': {
    path: '/access?view=text',
    shows: async (page) => {
      await fillPolicyText(page, '{"grants": []}')
      await page.getByRole('region', { name: 'What saving changes' }).getByText(/machines lose/).waitFor()
    },
  },
  'access, tests': { path: '/access?tool=tests', shows: row('Tests', 'may use as a relay') },
  'a new test': { path: '/access?tool=tests', shows: opened('Add a test') },
  'access, tags': { path: '/access?view=table&part=tagOwners', shows: row('Tags', 'tag:simulated') },
  'access, no groups': { path: '/access?view=table&part=groups', shows: text('No groups.') },
  'a new group': { path: '/access?part=groups', shows: opened('Add group') },
  'a grant': {
    path: '/access?view=table',
    shows: async (page) => {
      await page.getByRole('button', { name: 'Edit the grant of line 6' }).click()
      await page.getByRole('dialog').getByText(/may use 1 relay/).waitFor()
      await page.getByRole('combobox', { name: 'Who' }).fill('sim')
      await page.getByRole('option', { name: /tag:simulated/ }).waitFor()
    },
  },
  'access, nobody simulated': { path: '/access?tool=simulate', shows: text('Choose two machines.') },
  'access, two simulated': { path: () => `/access?tool=simulate&from=${machineId}&to=${peerId}`, shows: text('it is the only relay that is asked') },
  'access, a machine to simulate': {
    path: () => `/access?tool=simulate&from=${machineId}`,
    shows: async (page) => {
      await page.getByRole('button', { name: 'To Choose a machine' }).click()
      await page.getByRole('option', { name: /sim-b2/ }).waitFor()
    },
  },
  activity: { path: '/activity', shows: text(/turned on/) },
  'settings, network': { path: '/settings', shows: (page) => page.getByRole('button', { name: 'Save' }).first().waitFor() },
  'settings, DERP': { path: '/settings?tab=derp', shows: row('DERP regions', 'Far away') },
  'a new DERP region': { path: '/settings?tab=derp', shows: opened('Add a region') },
  'settings, auth keys': { path: '/settings?tab=keys', shows: row('Auth keys', 'for the second relay') },
  'settings, people': { path: '/settings?tab=people', shows: row('People', 'bea@example.com') },
  'settings, API tokens': { path: '/settings?tab=tokens', shows: row('API tokens', 'ci') },
  'settings of a relay': { path: () => `/relays/${relayId}`, shows: opened('Edit') },
  'a new auth key': { path: '/settings?tab=keys&new=relay', shows: (page) => page.getByRole('list', { name: 'Tags given' }).waitFor() },
  'a new API token': { path: '/settings?tab=tokens', shows: opened('Make a token') },
  'not found': { path: '/locks', missing: true, shows: text('Nothing has this address.') },
  'not found, machine': { path: '/machines/999999', missing: true, shows: text('Nothing has this address.') },
  'sign-in': { path: '/sign-in', outside: true, shows: (page) => page.getByRole('button', { name: 'Sign in' }).and(page.locator(':enabled')).waitFor() },
  'welcome, dead link': { path: '/welcome?token=gone', outside: true, shows: text('This link does not work') },
}

/** All that is wrong with one page at one width, in both themes. */
async function faultsOf({ page, faults }: Tab, { path: address, shows, outside = false, missing = false }: Visit): Promise<string[]> {
  const found: string[] = []
  faults.length = 0
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto(typeof address === 'string' ? address : address())
  await shows(page)
  if (!outside && await page.locator('.shell').count() > 0) await page.locator('[data-live="live"]').first().waitFor({ state: 'attached' })
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme })
    await atRest(page)
    const painted = await background(page)
    if (painted !== backgrounds[theme]) found.push(`${theme}: theme: the background is ${painted}`)
    const headings = await page.locator('h1').count()
    if (headings !== 1) found.push(`${theme}: h1: there are ${headings}`)
    found.push(...[...await overflow(page), ...await violations(page)].map((fault) => `${theme}: ${fault}`))
  }
  return [...found, ...faults.filter((fault) => !(missing && fault.includes('404'))).map((fault) => `console: ${fault}`)]
}

test('the look itself finds what is wrong, and names it', async () => {
  const { page, context } = await product.openTab(360)
  await page.setContent(`<html lang="en"><title>Bad</title><main><h1>Bad</h1>
    <p style="color: #aaa; background: #fff">pale</p><button aria-label="Leave">Save</button><div style="width: 500px">wide</div></main>`)
  const found = [...await overflow(page), ...await violations(page)]
  expect(found).toEqual([
    expect.stringMatching(/^overflow: 5\d\d px wide in 360, by .*div/), expect.stringMatching(/^color-contrast: p .*pale/), expect.stringMatching(/^label-content-name-mismatch: button /),
  ])
  await context.close()
})

describe('every page, wide and narrow, light and dark: WCAG A and AA, no sideways scrolling, no error', () => {
  test.each(Object.entries(visits))('%s', async (name, visit) => {
    const found = await Promise.all(tabs.map(async ({ width, inside, outside }) =>
      (await faultsOf(visit.outside === true ? outside : inside, visit)).map((fault) => `${name}, ${width} px, ${fault}`)))
    expect(found.flat()).toEqual([])
  })
})

test('a table of relays, one of which says what its data plane lacks', async () => {
  const { key } = await call().authKey.create.mutate({ description: 'for a table of relays', tags: ['tag:relay'] })
  const { url, data } = product.installation
  const joining = run(process.execPath, ['tools/bootstrap.mjs', 'agent', 'join', '--server', url, '--auth-key', key, '--name', 'quay-2', '--data', path.join(data, 'quay-2')])
  if (await joining.exited !== 0) throw new Error(joining.output())
  // The relay says its state again when whom it serves changes.
  await waitFor('quay-2 among the relays', async () => (await call().relay.list.query()).some(({ name }) => name === 'quay-2') || undefined, 10_000)
  await narrowTheWays()
  const visit: Visit = { path: '/relays', shows: row('Relays', 'or bursts are lost') }
  const found = await Promise.all(tabs.map(async ({ width, inside }) => (await faultsOf(inside, visit)).map((fault) => `${width} px, ${fault}`)))
  expect(found.flat()).toEqual([])
})

test('on a phone no choice is cut off, and totals say of what', async () => {
  const { page } = (tabs.find(({ width }) => width === 360) ?? { inside: { page: undefined } }).inside
  if (page === undefined) throw new Error('no narrow tab')
  await page.goto('/machines')
  const choices = page.getByRole('group', { name: 'Which machines' })
  await choices.waitFor()
  expect(await choices.evaluate((box) => [box.scrollWidth - box.clientWidth, box.querySelectorAll('button').length])).toEqual([0, 5])
  await page.goto('/sessions')
  const totals = page.getByRole('table', { name: 'Running sessions' }).locator('tfoot td.num')
  await totals.first().waitFor()
  expect(await totals.evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell, '::before').content.match(/[A-Z][A-Za-z ]*(?= )/)?.[0] ?? ''))).toEqual(['A to B', 'B to A', 'Bytes'])
})

test('the menu of a phone, light and dark', async () => {
  const { inside } = tabs.find(({ width }) => width === 360) ?? {}
  if (inside === undefined) throw new Error('no narrow tab')
  const shows = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Machines' }).waitFor()
  }
  expect(await faultsOf(inside, { path: '/', shows })).toEqual([])
  await inside.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Machines' }).click()
  await inside.page.getByRole('heading', { name: 'Machines', level: 1 }).waitFor()
})

test('a theme that was chosen outlasts a reload and whatever the system says', async () => {
  const { page } = (tabs[0] ?? { inside: { page: undefined } }).inside
  if (page === undefined) throw new Error('no tab')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto('/')
  await page.getByRole('button', { name: /^Theme/ }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  expect(await background(page)).toBe(backgrounds.dark)
  await page.reload()
  expect(await background(page)).toBe(backgrounds.dark)
  await page.getByRole('button', { name: /^Theme/ }).click()
  await page.getByRole('menuitemradio', { name: 'As the system' }).click()
  expect(await background(page)).toBe(backgrounds.light)
})
