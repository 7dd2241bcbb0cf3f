import type { Locator, Page } from 'playwright-core'

/** The editor of the policy's text; while it loads there is only the plain text. */
export function policyText(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Policy text' })
}

/** The whole text: the page itself holds only the lines that are in sight, so it is copied. */
export async function readPolicyText(page: Page): Promise<string> {
  await policyText(page).press('ControlOrMeta+a')
  return policyText(page).evaluate((element) => {
    const clipboardData = new DataTransfer()
    element.dispatchEvent(new ClipboardEvent('copy', { clipboardData, bubbles: true, cancelable: true }))
    return clipboardData.getData('text/plain')
  })
}

/** Puts a text in the place of the whole one, as pasting does. */
export async function fillPolicyText(page: Page, text: string): Promise<void> {
  await policyText(page).press('ControlOrMeta+a')
  await policyText(page).evaluate((element, given) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', given)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}
