import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toHex } from '../../lib/bytes.ts'
import { registerResponseSchema, type RegisterResponse } from '../../protocol/tailcfg/index.ts'
import { connect, type CoordinationClient } from '../coordination-client/index.ts'
import type { Tab } from './harness/browser.ts'
import { atRest, overflow, violations } from './harness/look.ts'
import { owner } from './harness/owner.ts'
import { redeem, type Person } from './harness/person.ts'
import { startProduct, type Product } from './harness/product.ts'

const viewer = { email: 'bea@example.com', password: 'a viewer of the locks' } as const

let product: Product
let person: Person
const tabs: Tab[] = []
const clients: CoordinationClient[] = []

beforeAll(async () => {
  product = await startProduct()
  person = await product.makeOwner()
})
afterAll(async () => {
  for (const client of clients) client.session.destroy()
  await product?.stop()
})

async function newPage(width = 1440): Promise<Page> {
  const tab = await product.openTab(width)
  tabs.push(tab)
  return tab.page
}

/** A machine that asks to join, as a stock client does. */
async function machine(Hostname: string) {
  const client = await connect(product.installation.url)
  clients.push(client)
  const body = {
    Version: 142, NodeKey: `nodekey:${toHex(randomBytes(32))}`, Expiry: '0001-01-01T00:00:00Z', Followup: '',
    Hostinfo: { Hostname, OS: 'linux', Distro: 'debian', DistroVersion: '12', IPNVersion: '1.102.3-t1-g2', RequestTags: [] as string[] },
  }
  const register = async (Followup: string): Promise<RegisterResponse> => registerResponseSchema.parse((await client.request('/machine/register', { ...body, Followup })).json)
  const { AuthURL } = await register('')
  expect(AuthURL.startsWith(`${product.installation.url}/register/`)).toBe(true)
  return { url: AuthURL, outcome: register(AuthURL), again: () => register(AuthURL) }
}

async function fill(page: Page, { email, password }: { readonly email: string; readonly password: string }): Promise<void> {
  await page.getByText('A machine asks to join').waitFor()
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function looksRight(page: Page): Promise<void> {
  await atRest(page)
  expect([await overflow(page), await violations(page)]).toEqual([[], []])
}

test('a machine is let in by whoever opens its address and signs in on the way', async () => {
  const { url, outcome } = await machine('laptop')
  const page = await newPage(360)
  await page.goto(url)
  await fill(page, owner)
  await page.getByRole('heading', { name: 'Let laptop in?' }).waitFor()
  for (const shown of ['Debian 12', 'Tailscale 1.102.3', '127.0.0.1', 'ann@example.com']) await page.getByText(shown).first().waitFor()
  await looksRight(page)
  await page.getByRole('button', { name: 'Approve' }).click()
  const approvedAt = performance.now()
  expect(await outcome).toMatchObject({ AuthURL: '', Error: '', MachineAuthorized: true, Login: { LoginName: 'ann@example.com' } })
  expect(performance.now() - approvedAt).toBeLessThan(1000)
  await page.getByRole('heading', { name: 'laptop is in' }).waitFor()
  await looksRight(page)
  await page.getByRole('link', { name: 'Open laptop' }).click()
  await page.getByRole('heading', { name: 'laptop' }).waitFor()
})

test('who was invited lets their own in, which waits where machines wait; an admin approves it on its page', async () => {
  const page = await newPage()
  const { link } = await person.client.person.invite.mutate({ role: 'viewer' })
  await redeem(product.installation.url, link, viewer)
  await person.client.setting.update.mutate({ machineApproval: true })
  const { url, outcome, again } = await machine('phone')
  await page.goto(url)
  await fill(page, viewer)
  await page.getByText('After you, an owner or admin approves it').waitFor()
  await looksRight(page)
  await page.getByRole('button', { name: 'Approve' }).click()
  expect(await outcome).toMatchObject({ MachineAuthorized: false, Login: { LoginName: viewer.email } })
  await page.getByRole('heading', { name: 'phone is yours, and waits' }).waitFor()
  const waiting = (await person.client.machine.list.query()).find(({ name }) => name === 'phone')
  expect(waiting).toMatchObject({ authorized: false, kind: 'client', owner: viewer.email })

  const [ownerTab] = tabs
  await ownerTab?.page.goto(`/machines/${waiting?.id}`)
  await ownerTab?.page.getByRole('button', { name: 'Approve' }).click()
  await expect.poll(async () => (await again()).MachineAuthorized, { timeout: 10_000 }).toBe(true)
})

test('who refuses says so to the machine; a second look at the address says what came of it', async () => {
  const { url, outcome } = await machine('stranger')
  const page = tabs[0]?.page ?? await newPage()
  await page.goto(url)
  await page.getByRole('button', { name: 'Refuse' }).click()
  expect((await outcome).Error).toContain('this machine was refused')
  await page.getByRole('heading', { name: 'stranger was refused' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'stranger was refused' }).waitFor()
  await page.goto('/register/nonsense')
  await page.getByRole('heading', { name: 'Nothing asks to join here' }).waitFor()
  expect(tabs.flatMap(({ faults }) => faults)).toEqual([])
})
