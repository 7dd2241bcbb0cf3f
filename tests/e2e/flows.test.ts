import { createSocket, type Socket } from 'node:dgram'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tab } from './harness/browser.ts'
import { atRest, violations } from './harness/look.ts'
import { becomeOwner, makeAccount } from './harness/owner.ts'
import { signIn as signInAsProgram, type Person } from './harness/person.ts'
import { fillPolicyText, policyText, readPolicyText } from './harness/policy-text.ts'
import { pidsOf } from './harness/processes.ts'
import { startProduct, type Product } from './harness/product.ts'
import { waitFor } from './harness/wait.ts'

const viewer = { name: 'Bea', email: 'bea@example.com', password: 'a viewer of the locks' } as const

let product: Product
let tab: Tab
let page: Page
let relayPath: string
/** Another program on the machine, at a port that the relay is to have. */
let neighbour: Socket

const dialog = (of: Page = page) => of.getByRole('dialog')
const button = (name: string | RegExp, of: Page = page) => of.getByRole('button', { name })
const main = (of: Page = page) => of.getByRole('main')

function bindEverywhere(): Promise<Socket> {
  const socket = createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, () => resolve(socket))
  })
}

/** What a page asks the API for with a token. */
function ask(token: string, path = '/relays'): Promise<Response> {
  return fetch(`${product.installation.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
}

/** The text of the n-th command in a dialog. */
async function shown(n: number): Promise<string> {
  return (await dialog().locator('code[tabindex]').nth(n).innerText()).trim()
}

beforeAll(async () => {
  neighbour = await bindEverywhere()
  product = await startProduct()
  product.simulate(1, '100kbit')
  tab = await product.openTab()
  page = tab.page
  await becomeOwner(page, product.installation.ownerLink())
})

afterAll(async () => {
  neighbour?.close()
  await product?.stop()
})

test('a relay’s settings: a wrong field says so, a port in use is named with who has it, another one relays', async () => {
  const taken = neighbour.address().port
  await page.goto('/relays')
  await page.getByRole('link', { name: 'Graphs and settings' }).click()
  await button('Edit').click()
  relayPath = new URL(page.url()).pathname
  const port = page.getByLabel('UDP port')
  await port.fill('70000')
  await button('Save settings').click()
  await dialog().getByRole('alert').getByText('A port is a number from 1 to 65535.').waitFor()
  expect(await port.getAttribute('aria-invalid')).toBe('true')
  await atRest(page)
  expect(await violations(page)).toEqual([])

  await port.fill(String(taken))
  await button('Save settings').click()
  await dialog().waitFor({ state: 'detached' })
  await page.getByText(/^Settings of .* are saved/).waitFor()
  // A message can be read from its first moment on.
  expect(await violations(page)).toEqual([])
  await button('Turn on').click()
  await page.getByText(`Cannot bind port ${taken}`).first().waitFor()
  await page.getByText(`in use by pid ${process.pid}`).first().waitFor()
  expect(await page.getByRole('switch', { name: /^Relay / }).isChecked()).toBe(true)

  await button('Edit').click()
  await port.fill(String(product.installation.relayPort))
  await button('Save settings').click()
  await page.getByText('Relaying', { exact: true }).first().waitFor()
  await page.getByText(`on UDP port ${product.installation.relayPort}`).first().waitFor()
  expect(await page.getByText('Cannot bind').count()).toBe(0)
})

describe('an invitation', () => {
  let guest: Tab
  let link: string

  beforeAll(async () => {
    guest = await product.openTab()
  })
  afterAll(() => guest.context.close())

  test('is a link that makes one account, once', async () => {
    await page.goto('/settings?tab=people')
    await button('Invite').click()
    await button('Make the link').click()
    await dialog().getByText('Whoever opens it first makes an account with the role viewer.').waitFor()
    link = await shown(0)
    await button('I have it, close').click()
    await makeAccount(guest.page, link, viewer)
    await page.getByRole('table', { name: 'People' }).getByText(viewer.email).waitFor()
    expect(await page.getByLabel(`Role of ${viewer.name}`).inputValue()).toBe('viewer')
    const third = await product.openTab()
    await third.page.goto(link)
    await third.page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await third.context.close()
  })

  test('a viewer sees everything and can do nothing', async () => {
    const { page: theirs } = guest
    await theirs.goto(relayPath)
    await theirs.getByText('Relaying', { exact: true }).first().waitFor()
    expect(await theirs.getByRole('switch', { name: /^Relay / }).isDisabled()).toBe(true)
    for (const name of ['Edit', /^(Turn off|Drain)$/]) expect(await button(name, theirs).isDisabled()).toBe(true)
    await theirs.goto('/machines?q=sim-a1')
    await theirs.getByRole('link', { name: 'sim-a1' }).click()
    for (const name of ['Rename', 'Tag', 'Remove']) expect(await button(name, theirs).isDisabled()).toBe(true)
    await theirs.goto('/access')
    await theirs.getByText(/^You may read the policy\./).waitFor()
    expect(await policyText(theirs).getAttribute('aria-readonly')).toBe('true')
    expect(await button('Save policy', theirs).isDisabled()).toBe(true)
    for (const [of, name] of [['keys', 'Make a key'], ['people', 'Invite'], ['tokens', 'Make a token']] as const) {
      await theirs.goto(`/settings?tab=${of}`)
      expect(await button(name, theirs).isDisabled()).toBe(true)
    }

    // Nor past the pages.
    const person: Person = await signInAsProgram(product.installation.url, viewer)
    const id = Number(relayPath.split('/').at(-1))
    await expect(person.client.relay.setAdvertised.mutate({ id, advertised: false })).rejects.toMatchObject({ data: { reason: 'forbidden' } })
    expect(await person.client.relay.get.query({ id })).toMatchObject({ advertised: true })
    await person.close()
  })

  test('signing out ends the session', async () => {
    const { page: theirs } = guest
    await theirs.goto('/')
    const cookies = await guest.context.cookies()
    await button(/account of Bea/, theirs).click()
    await theirs.getByRole('menuitem', { name: 'Sign out' }).click()
    await theirs.getByRole('heading', { name: 'Sign in' }).waitFor()
    await theirs.goto('/machines')
    await theirs.waitForURL(/\/sign-in\?next=%2Fmachines/)
    // Whoever kept the cookie has nothing of it.
    await guest.context.addCookies(cookies)
    await theirs.goto('/machines')
    await theirs.waitForURL(/\/sign-in\?next=%2Fmachines/)
    await theirs.getByLabel('E-mail').fill(viewer.email)
    await theirs.getByLabel('Password', { exact: true }).fill('not the password')
    await button('Sign in', theirs).click()
    await main(theirs).getByRole('alert').first().waitFor()
    await theirs.getByLabel('Password', { exact: true }).fill(viewer.password)
    await button('Sign in', theirs).click()
    // Where they wanted to go at first.
    await theirs.getByRole('heading', { name: 'Machines' }).waitFor()
    expect(guest.faults.filter((fault) => !/40[013]/.test(fault))).toEqual([])
  })
})

test('Ctrl K finds a machine by a part of its name, and the keyboard alone goes there', async () => {
  await page.goto('/')
  await page.locator('[data-live="live"]').first().waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Find machine, relay, page').fill('im-a1')
  await dialog().getByRole('option', { name: /sim-a1/ }).waitFor()
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'sim-a1', level: 1 }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Find machine, relay, page').waitFor()
  await page.keyboard.press('Control+k')
  await dialog().waitFor({ state: 'detached' })
})

test('a machine: renamed, tagged, and removed after its name was typed', async () => {
  await page.goto('/machines')
  const table = page.getByRole('table', { name: 'Machines' })
  await table.getByRole('link', { name: 'sim-b1' }).click()
  await button('Rename').click()
  await page.getByLabel('Name', { exact: true }).fill('no spaces, please')
  await dialog().getByRole('button', { name: 'Rename' }).click()
  await dialog().getByRole('alert').waitFor()
  await page.getByLabel('Name', { exact: true }).fill('barge')
  await dialog().getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('heading', { name: 'barge', level: 1 }).waitFor()

  await button('Tag').click()
  await page.getByLabel('Add a tag').fill('tag:unheard-of')
  await page.keyboard.press('Enter')
  await dialog().getByRole('alert').getByText(/tagOwners/).waitFor()
  await page.getByLabel('Add a tag').fill('')
  await dialog().getByRole('button', { name: 'tag:relay' }).click()
  await button('Save tags').click()
  await dialog().waitFor({ state: 'detached' })
  await main().getByText('tag:relay').first().waitFor()

  const gone = page.url()
  await button('Remove').click()
  const confirm = dialog().getByRole('button', { name: 'Remove barge' })
  expect(await confirm.isDisabled()).toBe(true)
  await page.getByLabel('Type barge to confirm').fill('barg')
  expect(await confirm.isDisabled()).toBe(true)
  await page.getByLabel('Type barge to confirm').fill('barge')
  await confirm.click()
  await table.waitFor()
  await table.getByRole('link', { name: 'barge' }).waitFor({ state: 'detached' })
  await page.goto(gone)
  await page.getByText('Nothing has this address.').waitFor()
  await page.goto('/activity')
  for (const what of [/sim-b1/, /tag:relay/, /removed/]) await main().getByText(what).first().waitFor()
})

describe('the policy', () => {
  const save = (of: Page = page) => main(of).getByRole('button', { name: /^Save/ })

  test('with an error cannot be saved; the error has its line, its words and its fix', async () => {
    await page.goto('/access')
    const before = await readPolicyText(page)
    const wrong = before.replace('"dst": ["tag:relay"]', '"dst": ["tag:reley"]')
    expect(wrong).not.toBe(before)
    const line = wrong.slice(0, wrong.indexOf('tag:reley')).split('\n').length
    await fillPolicyText(page, wrong)
    const problem = page.getByRole('list', { name: 'Problems' }).getByRole('listitem').first()
    await problem.getByText('The tag "tag:reley" is not defined in "tagOwners"').waitFor()
    expect(await problem.getByRole('button', { name: `${line}:` }).count()).toBe(1)
    await page.getByRole('status').getByText('1 error').waitFor()
    expect(await save().isDisabled()).toBe(true)
    await atRest(page)
    expect(await violations(page)).toEqual([])
    await problem.getByRole('button', { name: 'Change to "tag:relay"' }).click()
    await page.getByRole('status').getByText('No problems').or(page.getByRole('status').getByText('no errors')).waitFor()
    expect(await readPolicyText(page)).toBe(before)
  })

  test('tests of the draft run as it is typed; one is added by a form, and one that fails keeps it from being saved', async () => {
    await page.goto('/access?tool=tests')
    await main().getByText('No tests yet').waitFor()
    const before = await readPolicyText(page)
    await button('Add a test').click()
    await dialog().getByLabel('Who').fill('tag:relay')
    await dialog().getByLabel('Destination').fill('tag:nobody')
    await dialog().getByLabel('Port').fill('443')
    await dialog().getByText('The tag "tag:nobody" is not defined').waitFor()
    await dialog().getByLabel('Destination').fill('tag:simulated')
    await dialog().getByRole('status').getByText(/^Holds now\. .* may reach tag:simulated:443 by line \d+\.$/).waitFor()
    await atRest(page)
    expect(await violations(page)).toEqual([])
    await dialog().getByRole('button', { name: 'Add test' }).click()
    const row = page.getByRole('table', { name: 'Tests' }).getByRole('row').filter({ hasText: 'tag:simulated:443' })
    await row.getByText('Holds').waitFor()
    const added = await readPolicyText(page)
    expect(added).toMatch(/"src": "tag:relay",\s*"accept": \["tag:simulated:443"\]/)
    for (const comment of before.match(/\/\/.*/g) ?? []) expect(added).toContain(comment)

    await fillPolicyText(page, added.replace('"accept": ["tag:simulated:443"]', '"deny": ["tag:simulated:443"]'))
    await row.getByText('Fails').waitFor()
    await row.getByText('may not reach').waitFor()
    await waitFor('the save button to say why not', async () => ((await save().getAttribute('title')) === '1 test fails: change the rule or the test first.' ? true : undefined), 10_000)
    expect(await save().isDisabled()).toBe(true)
    await page.getByRole('status').getByText('1 test fails').click()
    await page.getByRole('list', { name: 'Problems' }).getByText(/Test fails: "tag:relay" should not reach/).first().waitFor()
    await page.keyboard.press('Control+s')
    await page.getByText('1 test fails: change the rule or the test first.').first().waitFor()
    await atRest(page)
    expect(await violations(page)).toEqual([])
    await button('Discard').click()
    await main().getByText('No tests yet').waitFor()
    expect(await readPolicyText(page)).toBe(before)
  })

  test('saved in two tabs at once: the second is told, loses nothing, and decides', async () => {
    const other = await tab.context.newPage()
    await page.goto('/access')
    await other.goto('/access')
    const before = await readPolicyText(page)
    await fillPolicyText(page, `${before}// from this tab\n`)

    // As a person does: a browser is slow to draw a tab that nobody sees.
    await other.bringToFront()
    await fillPolicyText(other, `${before}// from the other tab\n`)
    await save(other).click()
    await dialog(other).getByLabel(/^What changes/).fill('theirs')
    await dialog(other).getByRole('button', { name: 'Save policy' }).click()
    await other.getByText(/^Version \d+ is in force/).waitFor()

    await page.bringToFront()
    await page.getByText(/saved version \d+ while you edited\. Your draft is still here\./).waitFor()
    await save().click()
    await dialog().getByLabel('What they changed').getByText('// from the other tab').waitFor()
    await atRest(page)
    expect(await violations(page)).toEqual([])
    await button('Keep editing').click()
    expect(await readPolicyText(page)).toContain('// from this tab')
    await save().click()
    await button('Keep mine, save over theirs').click()
    await dialog().getByRole('button', { name: 'Save policy' }).click()
    await page.getByText(/^Version \d+ is in force/).first().waitFor()
    await other.bringToFront()
    await waitFor('the other tab to follow', async () => ((await readPolicyText(other)).includes('// from this tab') ? true : undefined), 5000)
    await other.close()
    await button('Versions').click()
    await page.getByRole('table', { name: 'Versions' }).getByText('theirs').waitFor()
  })
})

test('an auth key is shown once, in a dialog that closes on purpose only, and can be revoked', async () => {
  await page.goto('/settings?tab=keys')
  await button('Make a key').click()
  await page.getByLabel('Description').fill('for the quay')
  await button('Make the key').click()
  const key = await waitFor('the key', async () => (await dialog().innerText()).includes('The key alone') ? await shown(2) : undefined, 10_000)
  // It gives no tag: it is for a client rather than for a relay.
  expect(await shown(0)).toMatch(/^tailscale up --login-server=http\S+ --auth-key=/)
  expect(await shown(0)).toContain(key)
  expect(await shown(1)).toMatch(/^curl .* --auth-key /)
  expect(await shown(1)).toContain(key)
  await atRest(page)
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog().getByText('Once closed, it cannot be shown again.').waitFor()
  await button('I have it, close').click()
  await dialog().waitFor({ state: 'detached' })
  const row = page.getByRole('row').filter({ hasText: 'for the quay' })
  await row.getByText('Usable').waitFor()
  await page.reload()
  await row.getByText('Usable').waitFor()
  expect(await page.content()).not.toContain(key)
  await row.getByRole('button', { name: 'Revoke' }).click()
  await dialog().getByRole('button', { name: 'Revoke' }).click()
  await row.getByText('Revoked').waitFor()
  expect(await row.getByRole('button').count()).toBe(0)
})

test('an API token is used, does no more than it may, and is refused once revoked', async () => {
  await page.goto('/settings?tab=tokens')
  await button('Make a token').click()
  await page.getByLabel('Name').fill('ci')
  expect(await dialog().getByText('API tokens').count()).toBe(0)
  const box = dialog().getByRole('checkbox', { name: 'Activity Read' })
  await box.press('Space')
  await box.press('Enter')
  await dialog().getByText('It is shown this once').waitFor()
  const token = await shown(0)
  await button('I have it, close').click()
  const answer = await ask(token)
  expect(answer.status).toBe(200)
  expect(JSON.stringify(await answer.json())).toContain(`"port":${product.installation.relayPort}`)
  expect((await ask(token, '/machines')).status).toBe(403)
  const row = page.getByRole('row').filter({ hasText: 'ci' })
  await row.getByRole('button', { name: 'Revoke' }).click()
  await dialog().getByRole('button', { name: 'Revoke' }).click()
  await row.getByText('Revoked').waitFor()
  expect((await ask(token)).status).toBe(401)
})

test('a page whose control plane stands still says since when, lets nothing be switched, and comes back by itself', async () => {
  await page.goto(relayPath)
  await page.locator('[data-live="live"]').first().waitFor()
  const relaySwitch = page.getByRole('switch', { name: /^Relay / })
  await waitFor('the switch', async () => (await relaySwitch.isEnabled()) || undefined, 5000)
  const pid = pidsOf['control plane'](product.installation.data)
  const stopped = Date.now()
  process.kill(pid, 'SIGSTOP')
  try {
    const alert = main().getByRole('alert')
    // A peer that answers no ping is given up after 6.5 s, and a moment to come back.
    await alert.getByText(/^Not live for \d+ s\.$/).waitFor({ timeout: 30_000 })
    await page.getByText(/^Stale for \d+ s$/).waitFor()
    expect(await relaySwitch.isDisabled()).toBe(true)
    for (const name of ['Edit', /^(Turn off|Drain)$/]) expect(await button(name).isDisabled()).toBe(true)
    const said = Number(/\d+/.exec(await alert.innerText())?.[0])
    // Figures came each second until then.
    expect(said).toBeGreaterThanOrEqual(Math.floor((Date.now() - stopped) / 1000) - 3)
    await waitFor('its age to grow', async () => (Number(/\d+/.exec(await alert.innerText())?.[0]) > said ? true : undefined), 5000)
    await atRest(page)
    expect(await violations(page)).toEqual([])
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  await page.locator('[data-live="live"]').first().waitFor()
  await waitFor('the switch', async () => (await relaySwitch.isEnabled()) || undefined, 5000)
  expect(await main().getByRole('alert').count()).toBe(0)
  await page.getByText('Relaying', { exact: true }).first().waitFor()
})

test('no page has thrown or logged an error but for what was refused', () => {
  expect(tab.faults.filter((fault) => !/WebSocket|Failed to load resource/.test(fault))).toEqual([])
})
