import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atRest, overflow, violations } from './harness/look.ts'
import type { Person } from './harness/person.ts'
import { policyText, readPolicyText } from './harness/policy-text.ts'
import { startProduct, type Product } from './harness/product.ts'
import { waitFor } from './harness/wait.ts'

const policy = `{
  // Who runs what.
  "groups": {
    "group:ops": ["ann@example.com"], // on call
  },
  "tagOwners": {"tag:relay": ["autogroup:owner"], "tag:simulated": ["autogroup:owner"]},
  "grants": [
    // Everybody reaches everything.
    {"src": ["*"], "dst": ["*"], "ip": ["*"]},

    // Relays, for now for all.
    {
      "src": ["*"], // to be narrowed
      "dst": ["tag:relay"],
      "app": {"tailscale.com/cap/relay": [{"maxSessions": 20 /* by client */}]},
    },

    // Operators.
    {"src": ["group:ops"], "dst": ["tag:simulated"], "ip": ["tcp:22"]},
  ],
}
`

let product: Product
let person: Person
let page: Page
let phone: Page
let address: string

const dialog = (): Locator => page.getByRole('dialog')
const table = (): Locator => page.getByRole('table', { name: 'Grants' })
/** The row of a grant by the comment above it. */
const row = (comment: string): Locator => table().getByRole('row').filter({ hasText: comment })
const edit = (comment: string): Promise<void> => row(comment).getByRole('button', { name: /^Edit the grant/ }).click()
const who = (): Locator => dialog().getByRole('combobox', { name: 'Who' })

async function open(of = page, query = ''): Promise<void> {
  await of.goto(`/access${query}`)
  await of.locator('[data-live="live"]').first().waitFor({ state: 'attached' })
}

/** The text once it is what it should be, or after a while whatever it is: forms change it at once, the editor draws it a moment later. */
async function textOnceIt(wanted: string): Promise<string> {
  await policyText(page).waitFor()
  await waitFor('the text', async () => ((await readPolicyText(page)) === wanted ? true : undefined), 5000).catch(() => undefined)
  return readPolicyText(page)
}

const rows = (): Promise<number> => table().locator('tbody tr').count()

beforeAll(async () => {
  product = await startProduct()
  person = await product.makeOwner()
  product.simulate(1, '100kbit')
  address = await waitFor('the simulated machines', async () =>
    (await person.client.machine.list.query()).find(({ name }) => name === 'sim-a1')?.addresses[0], 30_000)
  const { version } = await person.client.policy.get.query()
  await person.client.policy.save.mutate({ expectedVersion: version, message: 'to be edited', text: policy })
  page = (await product.openOwnersTab()).page
  phone = (await product.openOwnersTab(360)).page
  // The editor is loaded apart, and saving waits for what the control plane says of the draft.
  for (const one of [page, phone]) one.context().setDefaultTimeout(60_000)
})

afterAll(() => product?.stop())

test('a source is changed by a machine’s name: the text keeps all its comments, and is saved', async () => {
  await open()
  await edit('Relays, for now for all.')
  await dialog().getByText(/machines may use \d relay/).waitFor()
  await dialog().getByRole('button', { name: 'Take * away' }).click()
  await dialog().getByText('Add at least one: a grant for nobody gives nothing.').waitFor()
  await who().fill('sim-a')
  await dialog().getByRole('option', { name: /sim-a1/ }).waitFor()
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await who().press('ArrowDown')
  const first = await dialog().locator('[role=option][aria-selected=true]').innerText()
  await who().fill('sim-a1')
  await who().press('Enter')
  expect(first).not.toBe('')
  await dialog().getByText(/^1 machine may use \d relay/).waitFor()
  await dialog().getByLabel('Preference').fill('ten')
  await dialog().getByText('A whole number, such as 10.').waitFor()
  await dialog().getByLabel('Preference').fill('10')
  await dialog().getByRole('button', { name: 'Change grant' }).click()
  await dialog().waitFor({ state: 'detached' })

  const wanted = policy.replace('["*"], // to be', `["${address}"], // to be`).replace('20 /* by client */', '20, /* by client */ "prefer": 10')
  const text = await readPolicyText(page)
  for (const comment of policy.match(/\/\/.*|\/\*.*?\*\//g) ?? []) expect(text).toContain(comment)
  expect(text.replace(/\{"maxSessions".*\}\]/, '')).toBe(wanted.replace(/\{"maxSessions".*\}\]/, ''))
  await row('Relays, for now for all.').getByText('added: ').waitFor()
  await row('Relays, for now for all.').getByText('removed: ').waitFor()

  await page.getByRole('main').getByRole('button', { name: /^Save/ }).click()
  await dialog().getByRole('button', { name: /^Save/ }).click()
  await page.getByText(/^Version \d+ is in force/).first().waitFor()
  expect((await person.client.policy.get.query()).text).toBe(text)
})

test('a grant is added from a starting point; what is missing is said once it is to be added', async () => {
  await open()
  const before = await readPolicyText(page)
  await page.getByRole('button', { name: 'Add grant' }).click()
  await page.getByRole('menuitem', { name: 'Let a group reach a server' }).click()
  await dialog().getByRole('button', { name: 'Add grant' }).click()
  await dialog().getByText('May use: Add at least one: a grant to nothing gives nothing.').waitFor()
  await dialog().getByRole('combobox', { name: 'May use' }).fill('tag:sim')
  await dialog().getByRole('option', { name: /tag:simulated/ }).click()
  await dialog().getByRole('button', { name: /^SSH/ }).click()
  await dialog().getByRole('textbox', { name: 'Ports to reach' }).fill('99999')
  await dialog().getByRole('alert').filter({ hasText: '"99999": the highest port is 65535.' }).waitFor()
  await dialog().getByRole('textbox', { name: 'Ports to reach' }).fill('')
  await dialog().getByLabel('Comment').fill('Shells for operators.')
  await dialog().getByRole('button', { name: 'Add grant' }).click()
  await dialog().waitFor({ state: 'detached' })
  const wanted = before.replace('"ip": ["tcp:22"]},\n', `"ip": ["tcp:22"]},\n\n    // Shells for operators.\n    {"src": ["group:ops"], "dst": ["tag:simulated"], "ip": ["tcp:443", "tcp:22"]},\n`)
  expect(await textOnceIt(wanted)).toBe(wanted)
  await row('Shells for operators.').waitFor()
  await page.getByRole('button', { name: 'Discard' }).click()
})

test('Enter takes what a name’s beginning fits; a name that is none is said at the button, gone to, and mended with one press', async () => {
  await open()
  await edit('Operators.')
  await who().fill('sim-a')
  await dialog().locator('[role=option][aria-selected=true]').filter({ hasText: 'sim-a1' }).waitFor()
  expect(await who().getAttribute('aria-activedescendant')).toMatch(/-0$/)
  await who().fill('sim-b')
  await who().press('Enter')
  await dialog().getByRole('list', { name: 'Who: chosen' }).getByText('sim-b1').waitFor()

  await who().fill('sim-a')
  await dialog().getByLabel('Comment').focus()
  await dialog().getByRole('button', { name: 'Did you mean sim-a1?' }).waitFor()
  await dialog().getByRole('button', { name: 'Change grant' }).click()
  await dialog().getByText(/^Who: .*sim-a\b/).waitFor()
  await waitFor('the field that is wrong to have the focus', async () => ((await who().evaluate((field) => field === document.activeElement)) ? true : undefined), 5000)
  expect(await dialog().getByRole('option').count()).toBe(0)
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await dialog().getByRole('button', { name: 'Did you mean sim-a1?' }).click()
  await dialog().getByText(/^Who: .*sim-a\b/).waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await dialog().getByRole('button', { name: 'Discard', exact: true }).click()
  await dialog().waitFor({ state: 'detached' })
})

test('Escape closes an open list first; a form that was filled in asks before it is closed, one that was not does not', async () => {
  await open()
  await edit('Operators.')
  await page.keyboard.press('Escape')
  await dialog().waitFor({ state: 'detached' })

  await edit('Operators.')
  await dialog().getByLabel('Comment').fill('Changed.')
  await who().fill('tag')
  await dialog().getByRole('option').first().waitFor()
  await page.keyboard.press('Escape')
  await dialog().getByRole('option').first().waitFor({ state: 'detached' })
  expect(await dialog().getByText('Discard the changes of this form?').count()).toBe(0)
  await page.keyboard.press('Escape')
  await dialog().getByText('Discard the changes of this form?').waitFor()
  const keep = dialog().getByRole('button', { name: 'Keep editing' })
  await waitFor('the way back to have the focus', async () => ((await keep.evaluate((button) => button === document.activeElement)) ? true : undefined), 5000)
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  expect(await dialog().getByLabel('Comment').inputValue()).toBe('Changed.')
  await page.mouse.click(5, 5)
  await dialog().getByText('Discard the changes of this form?').waitFor()
  await waitFor('the way back to have the focus again', async () => ((await keep.evaluate((button) => button === document.activeElement)) ? true : undefined), 5000)
  await dialog().getByRole('button', { name: 'Discard', exact: true }).click()
  await dialog().waitFor({ state: 'detached' })
  expect(await row('Operators.').count()).toBe(1)
})

test('a grant is removed with its comment, and put back as it was', async () => {
  await open()
  const before = await readPolicyText(page)
  await row('Operators.').getByRole('button', { name: /^More for line/ }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  const wanted = before.replace(/\n\n {4}\/\/ Operators\.\n.*\n/, '\n')
  expect(await textOnceIt(wanted)).toBe(wanted)
  await table().getByText('removed', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  expect(await textOnceIt(before)).toBe(before)
})

test('a group is renamed wherever it stands; one in use cannot be removed', async () => {
  await open(page, '?part=groups')
  const before = await readPolicyText(page)
  await page.getByRole('button', { name: 'Remove group group:ops' }).click()
  await page.getByText(/group:ops is still used in line \d+/).waitFor()
  await page.getByRole('button', { name: 'Edit group group:ops' }).click()
  await dialog().getByLabel('Name').fill('group:crew')
  await dialog().getByRole('button', { name: 'Change group' }).click()
  const wanted = before.replaceAll('group:ops', 'group:crew')
  expect(await textOnceIt(wanted)).toBe(wanted)
  await page.getByRole('button', { name: 'Discard' }).click()
})

test('the filter has a key of its own and finds machines’ names', async () => {
  await open(page, '?view=table')
  await page.keyboard.press('/')
  await page.keyboard.type('operators')
  await row('Everybody').waitFor({ state: 'detached' })
  expect(await rows()).toBe(1)
  await page.keyboard.press('Escape')
  await row('Everybody').waitFor()
  expect(await rows()).toBe(3)
})

test('the form on a phone, light and dark: WCAG A and AA, no sideways scrolling', async () => {
  await open(phone, '?view=table')
  await phone.getByRole('button', { name: /^Edit the grant/ }).nth(1).click()
  await phone.getByRole('dialog').getByText(/may use \d relay/).waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await phone.emulateMedia({ colorScheme })
    await atRest(phone)
    expect([colorScheme, ...await overflow(phone), ...await violations(phone)]).toEqual([colorScheme])
  }
})
