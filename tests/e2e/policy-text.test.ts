import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tab } from './harness/browser.ts'
import { atRest, overflow, violations } from './harness/look.ts'
import { becomeOwner } from './harness/owner.ts'
import { fillPolicyText, policyText, readPolicyText } from './harness/policy-text.ts'
import { startProduct, type Product } from './harness/product.ts'
import { waitFor } from './harness/wait.ts'

let product: Product
let tab: Tab
let page: Page

/** Up to where the tests write: the sources of a grant. */
const head = `{
  // Who is who.
  "groups": {"group:ops": ["ann@example.com"]},
  "tagOwners": {"tag:relay": ["group:ops"], "tag:simulated": []},
  "grants": [
    {"dst": ["tag:simulated"], "ip": ["443"], "src": [`
const tail = `]},
  ],
}
`

const text = (): ReturnType<typeof policyText> => policyText(page)
const about = (words: string | RegExp) => page.locator('.cm-tooltip').getByText(words)
const clean = async (): Promise<void> => {
  await atRest(page)
  expect(await violations(page)).toEqual([])
}

beforeAll(async () => {
  product = await startProduct()
  product.simulate(1, '100kbit')
  tab = await product.openTab()
  page = tab.page
  await becomeOwner(page, product.installation.ownerLink())
  await page.goto('/machines')
  await page.getByRole('link', { name: 'sim-b1' }).waitFor()
  await page.goto('/access')
  await text().waitFor()
})

afterAll(() => product?.stop())

test('a selector is completed by the keyboard, within the quotes; keys are, with their values', async () => {
  await fillPolicyText(page, head)
  await page.keyboard.type('"gro')
  const list = page.getByRole('listbox', { name: 'Completions' })
  await list.getByRole('option', { name: 'group:ops' }).waitFor()
  await clean()
  await page.keyboard.press('Enter')
  await list.waitFor({ state: 'detached' })
  expect(await text().innerText()).toContain('"src": ["group:ops"')

  // A machine is found by its name, and what is written for it is said.
  await page.keyboard.type(', "sim-a')
  await list.getByRole('option', { name: /sim-a1.*by tag:simulated/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.type(']}, {"')
  await list.getByRole('option', { name: 'via' }).waitFor()
  await page.keyboard.type('sr')
  await list.getByRole('option', { name: 'src' }).waitFor()
  await page.keyboard.press('Tab')
  await list.getByRole('option', { name: 'autogroup:danger-all' }).waitFor()
  await page.keyboard.press('Escape')
  expect(await text().innerText()).toContain('"src": ["group:ops", "tag:simulated"]}, {"src": [""]}')
})

test('a problem is underlined, said with its fix, and fixed by its button; that can be undone', async () => {
  const wrong = `${head}"group:opps"${tail}`
  await fillPolicyText(page, wrong)
  await page.locator('.cm-lintRange-error').hover()
  const fix = page.locator('.cm-diagnostic').getByRole('button', { name: 'Change to "group:ops"' })
  await fix.waitFor()
  await clean()
  expect(await text().getAttribute('aria-invalid')).toBe('true')
  await fix.click()
  await page.getByRole('status').getByText('No problems').or(page.getByRole('status').getByText('no errors')).waitFor()
  expect(await readPolicyText(page)).toBe(wrong.replace('opps', 'ops'))
  await page.keyboard.press('ControlOrMeta+z')
  await page.getByRole('status').getByText('1 error').waitFor()
  expect(await readPolicyText(page)).toBe(wrong)
  await page.keyboard.press('ControlOrMeta+Shift+Z')
  expect(await readPolicyText(page)).toBe(wrong.replace('opps', 'ops'))
})

test('hovering a selector says which machines it is; so do the keyboard, and the line below the text', async () => {
  await page.mouse.move(0, 0)
  await page.locator('.cm-line span').getByText('"tag:simulated"', { exact: true }).first().hover()
  await about(/^tag:simulated: 2 machines: sim-\w+, sim-\w+\. Only the owner and admins may give it\.$/).waitFor()
  await clean()
  await page.mouse.move(0, 0)
  await page.locator('.cm-line span').getByText('"group:ops"', { exact: true }).first().click()
  await page.mouse.move(0, 0)
  await page.locator('p').getByText('group:ops: 1 person, 0 machines.').waitFor()
  await page.locator('.cm-tooltip').waitFor({ state: 'detached' })
  await page.keyboard.press('ControlOrMeta+i')
  await about('group:ops: 1 person, 0 machines.').waitFor()
  await page.keyboard.press('Escape')
  await about('group:ops: 1 person, 0 machines.').waitFor({ state: 'detached' })
  expect(await text().evaluate((element) => element === document.activeElement)).toBe(true)
})

test('formatting keeps the comments and can be undone; what cannot be read is not formatted', async () => {
  const untidy = '{"groups":{},\n\n\n// people come later\n"grants":[{"src":[ "*" ],"dst":["*"],/* all */"ip":["*"]}]}'
  await fillPolicyText(page, untidy)
  await page.getByRole('button', { name: 'Format' }).click()
  const tidy = `{
  "groups": {},

  // people come later
  "grants": [
    {
      "src": ["*"],
      "dst": ["*"],
      /* all */
      "ip": ["*"],
    },
  ],
}
`
  await waitFor('the formatted text', async () => ((await readPolicyText(page)) === tidy ? true : undefined), 5000)
  await page.keyboard.press('ControlOrMeta+z')
  expect(await readPolicyText(page)).toBe(untidy)
  await page.keyboard.press('Shift+Alt+f')
  await waitFor('the formatted text', async () => ((await readPolicyText(page)) === tidy ? true : undefined), 5000)
  await fillPolicyText(page, '{\n"grants": [}')
  await page.getByRole('button', { name: 'Format' }).click()
  await page.getByText('It cannot be formatted yet: correct line 2 first.').waitFor()
  expect(await readPolicyText(page)).toBe('{\n"grants": [}')
})

test('what is discarded can be had back by undoing', async () => {
  await fillPolicyText(page, `${head}"group:ops"${tail}`)
  await page.getByRole('button', { name: 'Discard' }).click()
  await waitFor('the saved text', async () => ((await readPolicyText(page)).includes('Every machine may use every relay') ? true : undefined), 5000)
  await page.keyboard.press('ControlOrMeta+z')
  expect(await readPolicyText(page)).toBe(`${head}"group:ops"${tail}`)
  await page.getByRole('button', { name: 'Discard' }).click()
})

test('on a phone it stays inside the page, search included', async () => {
  await page.setViewportSize({ width: 360, height: 740 })
  // By itself: rows of the table above it would be half below the page's own bar, wherever the editor scrolls to.
  await page.goto('/access?view=text')
  await text().press('ControlOrMeta+f')
  await page.getByRole('textbox', { name: 'Find' }).pressSequentially('tag:relay')
  await page.locator('.cm-searchMatch').first().waitFor()
  await clean()
  expect(await overflow(page)).toEqual([])
  await page.keyboard.press('Escape')
  expect(tab.faults).toEqual([])
})
