import type { Page } from 'playwright-core'
import type { Account } from './person.ts'

export const owner = { name: 'Ann', email: 'ann@example.com', password: 'a long walk on the towpath' } as const

/** Makes the owner account by the one-time link; ends on the overview, signed in. */
export function becomeOwner(page: Page, link: string): Promise<void> {
  return makeAccount(page, link, owner)
}

/** Makes the account that a one-time link is for; ends on the overview, signed in. */
export async function makeAccount(page: Page, link: string, { name, email, password }: Account & { readonly name: string }): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Make account and sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}

export async function signIn(page: Page, { email, password }: Account = owner): Promise<void> {
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
}
