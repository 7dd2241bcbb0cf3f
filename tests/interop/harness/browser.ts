import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { browserFile, openBrowser } from '../../e2e/harness/browser.ts'
import type { Lab, SiteName } from '../../netlab/index.ts'

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** A browser on a site of the lab: what it opens, it reaches from there. Close it before the lab is removed. */
export async function openBrowserAt(lab: Lab, site: SiteName): Promise<Browser> {
  const file = path.join(lab.folder, `browser-${site}`)
  // Playwright starts one file with its own words.
  writeFileSync(file, `#!/bin/sh\nexec ${lab.command(site, [await browserFile()]).map(quoted).join(' ')} "$@"\n`)
  chmodSync(file, 0o755)
  return openBrowser(file)
}
