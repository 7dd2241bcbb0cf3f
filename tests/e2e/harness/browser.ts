import chromium from '@sparticuz/chromium'
import { chromium as playwright, type Browser, type BrowserContext, type Page } from 'playwright-core'

/** Arguments of the packaged browser that make it another one than people have: without web security it sends no Origin. */
const unlikePeople = ['--disable-web-security', '--single-process', '--no-zygote']

/** The packaged browser's program. */
export function browserFile(): Promise<string> {
  return chromium.executablePath()
}

/** `file`: another program that becomes the browser. */
export async function openBrowser(file?: string): Promise<Browser> {
  const args = chromium.args.filter((arg) => !unlikePeople.includes(arg))
  return playwright.launch({ executablePath: file ?? await browserFile(), args, headless: true })
}

export interface Tab {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page threw or logged as an error. */
  readonly faults: string[]
}

/** A person of their own: cookies are not shared. The language is the machine's, `en-US@posix` in the C locale, which pages must bear. */
export async function openTab(browser: Browser, baseURL: string, width = 1440): Promise<Tab> {
  const context = await browser.newContext({
    baseURL, viewport: { width, height: 900 },
    // Certificates of tests are their own.
    ignoreHTTPSErrors: baseURL.startsWith('https:'),
  })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  return { page, context, faults }
}
