import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tab } from './harness/browser.ts'
import { atRest, violations } from './harness/look.ts'
import { turnOwnRelayOn, type Person } from './harness/person.ts'
import { fillPolicyText, readPolicyText } from './harness/policy-text.ts'
import { startProduct, type Product } from './harness/product.ts'
import { untilOnRelay } from './harness/simulation.ts'
import { waitFor } from './harness/wait.ts'

let product: Product
let person: Person
let tab: Tab
let page: Page

const dialog = () => page.getByRole('dialog')
const button = (name: string | RegExp) => page.getByRole('button', { name })
const changes = () => page.getByRole('region', { name: 'What saving changes' })
const line = (text: string): string => `    ${text},\n`
/** The network's policy, with grants of its own; lines far enough apart to be changed by two. */
const policy = (...grants: string[]): string => `{
  "tagOwners": {
    "tag:relay": ["autogroup:admin"],
    "tag:simulated": ["autogroup:admin"],
  },

  // Who may reach whom.
  "grants": [
${grants.map(line).join('')}  ],

  // Nothing else is set.
}
`
const reach = '{"src": ["*"], "dst": ["*"], "ip": ["*"]}'
const relay = '{"src": ["tag:simulated"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}}'

/** As somebody else would, elsewhere. */
async function saveElsewhere(text: string, message = ''): Promise<number> {
  const { version } = await person.client.policy.get.query()
  return (await person.client.policy.save.mutate({ text, expectedVersion: version, message })).version
}

beforeAll(async () => {
  product = await startProduct()
  person = await product.makeOwner()
  tab = await product.openOwnersTab()
  page = tab.page
  await saveElsewhere(policy(reach, relay))
  await turnOwnRelayOn(person, { port: product.installation.relayPort })
  await untilOnRelay(product.simulate(1, '500kbit'), 1)
})

afterAll(() => product?.stop())

test('before it is saved, a draft says by name who loses the relay and where the session goes; the button says so, too', async () => {
  await page.goto('/access')
  expect(await readPolicyText(page)).toBe(policy(reach, relay))
  await fillPolicyText(page, policy(reach))
  await button('Save: 1 session moves to DERP').first().waitFor()
  await changes().getByText('2 machines lose').waitFor()
  await changes().getByRole('listitem').filter({ hasText: /^sim-a1 and sim-b1\s*relay through / }).waitFor()
  await changes().getByText('Nobody gains anything').waitFor()
  await button(/^Save: 1 session/).first().click()
  await dialog().getByText(/^sim-a1 and sim-b1: relay through /).waitFor()
  await button('Keep editing').click()
  await changes().getByText('sim-a1 to sim-b1').or(changes().getByText('sim-b1 to sim-a1')).waitFor()
  await changes().getByText(/then over DERP/).waitFor()
  await atRest(page)
  expect(await violations(page)).toEqual([])

  await fillPolicyText(page, `${policy(reach, relay)}// A word more.\n`)
  await changes().getByText('This changes nothing for any machine.').waitFor()
  await button('Save policy').first().click()
  await dialog().getByText('This changes nothing for any machine.').waitFor()
  expect(await page.getByText(/^Nobody (gains|loses) anything/).count()).toBe(0)
  await button('Keep editing').click()
  await button('Discard').click()
})

test('a change that somebody saves meanwhile goes together with the draft; where both changed the same, one chooses', async () => {
  await page.goto('/access')
  const base = policy(reach, relay)
  const theirs = base.replace('// Nothing else is set.', '// Nothing else is set by us.')
  await fillPolicyText(page, base.replace('// Who may reach whom.', '// Who may reach whom, and how.'))
  await saveElsewhere(theirs, 'by us')
  await page.getByText(/saved version \d+ while you edited\. Your draft is still here\./).waitFor()
  await button('Compare').click()
  await dialog().getByLabel('What they changed').getByText('// Nothing else is set by us.').waitFor()
  await dialog().getByText('both changes go together').waitFor()
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await button('Merge theirs into mine').click()
  const merged = theirs.replace('// Who may reach whom.', '// Who may reach whom, and how.')
  expect(await readPolicyText(page)).toBe(merged)

  // Once more, at the same line.
  await saveElsewhere(theirs.replace('// Who may reach whom.', '// Theirs.'))
  await page.getByText(/saved version \d+ while you edited\. Your draft is still here\./).waitFor()
  await button('Compare').click()
  const place = dialog().getByRole('region', { name: 'Places that both changed' })
  await place.getByLabel('Mine', { exact: true }).and(place.locator('pre')).getByText('// Who may reach whom, and how.').waitFor()
  expect(await button('Merge theirs into mine').isDisabled()).toBe(true)
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await place.getByRole('button', { name: 'Both' }).click()
  await button('Merge theirs into mine').click()
  expect(await readPolicyText(page)).toBe(merged.replace('  // Who may reach whom, and how.', '  // Theirs.\n  // Who may reach whom, and how.'))
  await button('Save policy').first().click()
  await dialog().getByRole('button', { name: 'Save policy' }).click()
  await page.getByText(/^Version \d+ is in force/).first().waitFor()
})

test('a draft keeps nobody from other pages and stays; a tab that saves and closes beside it blocks nothing', async () => {
  const asked: string[] = []
  page.on('dialog', (of) => { asked.push(of.type()); void of.accept() })
  await page.goto('/access')
  const draft = `${policy(reach, relay)}// A draft.\n`
  await fillPolicyText(page, draft)
  // A form that is dismissed leaves no trap behind.
  await button(/^Edit the grant/).first().click()
  await page.keyboard.press('Escape')
  await dialog().waitFor({ state: 'detached' })

  const [other] = await Promise.all([tab.context.waitForEvent('page'), page.evaluate(() => { window.open('/access') })])
  await fillPolicyText(other, `${policy(reach, relay)}// Of the other tab.\n`)
  await other.getByRole('button', { name: 'Save policy' }).first().click()
  await other.getByRole('dialog').getByRole('button', { name: 'Save policy' }).click()
  await other.getByText(/^Version \d+ is in force/).first().waitFor()
  await other.close({ runBeforeUnload: true })
  await page.getByText(/saved version \d+ while you edited/).waitFor({ timeout: 5000 })

  const pages = page.getByRole('navigation', { name: 'Pages' })
  await pages.getByRole('link', { name: 'Relays' }).click()
  await page.getByRole('link', { name: 'Graphs and settings' }).first().click({ timeout: 5000 })
  await page.waitForURL(/\/relays\/\d+/, { timeout: 5000 })
  await pages.getByRole('link', { name: 'Access' }).click()
  expect(await readPolicyText(page)).toBe(draft)
  expect(asked).toEqual([])
  await button('Discard').click()
})

test('an untouched page follows by itself', async () => {
  await page.goto('/access')
  await saveElsewhere(policy(reach, relay), 'as it was')
  await waitFor('the page to follow', async () => ((await readPolicyText(page)) === policy(reach, relay) ? true : undefined), 5000)
  expect(await page.getByText('while you edited').count()).toBe(0)
})

test('the first version is all new', async () => {
  await page.goto('/access?tool=versions&version=1')
  const region = page.getByRole('region', { name: 'Version 1', exact: true })
  await region.getByText(/^\d+ lines? added, 0 lines removed$/).waitFor({ state: 'attached', timeout: 5000 })
  expect(await region.getByText('No line differs.').count()).toBe(0)
  const { text } = await person.client.policy.version.query({ version: 1 })
  expect(await region.getByLabel('What version 1 changed').getByText('added: ').count()).toBe(text.trimEnd().split('\n').length)
})

test('a version shows what it changed, and is restored as a draft', async () => {
  const kept = await saveElsewhere(policy(reach, relay).replace('// Who may', '// Here stands who may'), 'a longer comment')
  await saveElsewhere(policy(reach, relay), 'the short comment')
  await page.goto(`/access?tool=versions&version=${kept}`)
  const diff = page.getByLabel(`What version ${kept} changed`)
  await diff.getByText('// Here stands who may reach whom.').waitFor()
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await page.getByRole('region', { name: `Version ${kept}` }).getByRole('button', { name: 'Restore as draft', exact: true }).click()
  await page.getByText(`Version ${kept} is your draft now.`).waitFor()
  expect(await readPolicyText(page)).toContain('// Here stands who may reach whom.')
  await button('Save policy').first().click()
  expect(await dialog().getByLabel(/^What changes/).inputValue()).toBe(`Restore version ${kept}`)
  await dialog().getByRole('button', { name: 'Save policy' }).click()
  await page.getByText(/^Version \d+ is in force/).first().waitFor()
  await page.getByRole('table', { name: 'Versions' }).getByText(`Restore version ${kept}`).first().waitFor()
  await page.goto('/activity')
  await page.getByText(new RegExp(`of the policy: Restore version ${kept}`)).first().waitFor()
})
