import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'
import { waitFor } from './wait.ts'

declare global {
  interface Window {
    /** There once its source has run in the page. */
    readonly axe: typeof axe
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const options: axe.RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  // Level A, but off by default: whoever speaks a button's visible name must reach it.
  rules: { 'label-content-name-mismatch': { enabled: true } },
  resultTypes: ['violations'],
}

/** What the page breaks of WCAG A and AA, a line per rule and element: the rule, the element, what is wrong with it. */
export async function violations(page: Page): Promise<string[]> {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axeSource)
  const { violations: found } = await page.evaluate(async (given) => window.axe.run(given), options)
  return found.flatMap(({ id, nodes }) => nodes.map(({ target, html, any, all, none }) =>
    `${id}: ${target.join(' ')} (${[...any, ...all, ...none][0]?.message ?? ''}) ${html.slice(0, 160)}`))
}

/** Elements that stick out of the document, which then scrolls sideways; none when it does not. */
export function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    const out = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
    return [`overflow: ${scrollWidth} px wide in ${clientWidth}, by ${out.slice(0, 5).map((element) => `${element.tagName.toLowerCase()}.${element.className}`).join(', ')}`]
  })
}

/** Waits until nothing on the page fades or moves but what does so for ever. */
export async function atRest(page: Page): Promise<void> {
  await waitFor('animations to end', () => page.evaluate(() => document.getAnimations().every((animation) => {
    const { endTime } = animation.effect?.getComputedTiming() ?? {}
    return animation.playState !== 'running' || endTime === Number.POSITIVE_INFINITY
  }) || undefined), 5000, 20)
}

/** What is painted below everything: the theme's own colour. */
export function background(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
}
