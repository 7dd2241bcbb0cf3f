import type { Page } from 'playwright-core'

export const owner = { name: 'Ann', email: 'ann@example.com', password: 'a long walk on the towpath' } as const

/** Makes the owner account by the one-time link; ends on the overview, signed in. */
export async function becomeOwner(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Name').fill(owner.name)
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Make account and sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

export async function signIn(page: Page): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByLabel('Password', { exact: true }).fill(owner.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}
