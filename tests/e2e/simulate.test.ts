import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atRest, violations } from './harness/look.ts'
import { turnOwnRelayOn } from './harness/person.ts'
import { fillPolicyText, readPolicyText } from './harness/policy-text.ts'
import { startProduct, type Product } from './harness/product.ts'
import { untilOnRelay } from './harness/simulation.ts'

let product: Product
let page: Page

beforeAll(async () => {
  product = await startProduct()
  await turnOwnRelayOn(await product.makeOwner(), { port: product.installation.relayPort, staticEndpoints: ['203.0.113.18:40000'] })
  await untilOnRelay(product.simulate(1, '100kbit'), 1)
  page = (await product.openOwnersTab()).page
})

afterAll(() => product?.stop())

const panel = () => page.getByRole('region', { name: 'Simulate' })

/** Chooses a machine with the keyboard alone. */
async function choose(label: string, name: string): Promise<void> {
  await panel().getByRole('button', { name: new RegExp(`^${label} `) }).press('Enter')
  await page.getByRole('combobox').pressSequentially(name)
  await page.getByRole('option', { name: new RegExp(`^${name}`) }).waitFor()
  await page.keyboard.press('Enter')
  await panel().getByRole('button', { name: `${label} ${name}` }).waitFor()
}

test('two machines are simulated by the policy in force, then on a draft; its lines lead to the text', async () => {
  await page.goto('/access')
  await page.getByRole('button', { name: 'Simulate' }).click()
  await panel().getByText('Choose two machines.').waitFor()
  await choose('From', 'sim-a1')
  await choose('To', 'sim-b1')
  await panel().getByText('sim-a1 and sim-b1 may reach each other.').waitFor()
  await panel().getByText('it is the only relay that is asked').waitFor()
  await panel().getByText('Now, by the policy in force,').waitFor()
  const address = new URL(page.url())
  expect([address.searchParams.get('tool'), address.searchParams.get('from'), address.searchParams.get('to')]).toEqual(['simulate', expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)])
  await atRest(page)
  expect(await violations(page)).toEqual([])

  const before = await readPolicyText(page)
  const draft = before.replace('{"src": ["*"], "dst": ["*"], "ip": ["*"]}', '{"src": ["tag:simulated"], "dst": ["tag:simulated"], "ip": ["tcp:443"]}').replace('"src": ["*"], "dst": ["tag:relay"]', '"src": ["tag:relay"], "dst": ["tag:relay"]')
  await fillPolicyText(page, draft)
  await panel().getByText('the draft, as it stands').waitFor()
  await panel().getByText('on tcp:443 by the grant on line').first().waitFor()
  await panel().getByText('None: no grant lets sim-a1 or sim-b1 use a relay.').waitFor()

  const line = draft.slice(0, draft.indexOf('"tcp:443"')).split('\n').length
  await panel().getByRole('button', { name: String(line), exact: true }).first().click()
  expect(new URL(page.url()).searchParams.get('line')).toBe(String(line))
  await page.getByText(`line ${line} of`).waitFor()

  await fillPolicyText(page, draft.replace('"tcp:443"', '"tcp443"'))
  await panel().getByText('Known once the error is corrected.').waitFor()
})

test('what is most likely not meant is a warning with its fix', async () => {
  await page.goto('/access')
  const before = await readPolicyText(page)
  await fillPolicyText(page, before.replace('"dst": ["tag:relay"]', '"dst": ["tag:simulated"]'))
  const problems = page.getByRole('list', { name: 'Problems' })
  await problems.getByText(/Nothing in "tag:simulated" is a relay/).waitFor()
  const unused = problems.getByRole('listitem').filter({ hasText: /^.*Nobody may use .* as a relay\./ })
  await unused.getByRole('button', { name: /^Add it to line/ }).click()
  await unused.waitFor({ state: 'detached' })
  expect(await readPolicyText(page)).toContain('"dst": ["tag:simulated", "tag:relay"]')
})
