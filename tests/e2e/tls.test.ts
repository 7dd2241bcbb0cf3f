import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect } from 'node:tls'
import type { Browser, Page, WebSocket } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testFiles, testPair, type TestFiles } from '../../server/tls/testing.ts'
import { openBrowser, openTab } from './harness/browser.ts'
import { becomeOwner } from './harness/owner.ts'
import { freeTcpPort } from './harness/ports.ts'
import { proxies, type Proxy } from './harness/proxies.ts'
import { root, run, type Program } from './harness/program.ts'
import { newInstallation, type Installation } from './harness/towpath.ts'
import { waitFor } from './harness/wait.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

/** Somebody's browser, signed in, with the pages' WebSocket. */
interface Entered {
  readonly page: Page
  readonly faults: string[]
  readonly socket: WebSocket
}

/** The first owner's. */
async function enter(url: string, link: string): Promise<Entered> {
  expect(link).toMatch(`${url}/welcome?token=`)
  const { page, faults } = await openTab(browser, url)
  const opened = page.waitForEvent('websocket', { predicate: (socket) => socket.url().includes('/api/trpc-ws') })
  const [socket] = await Promise.all([opened, becomeOwner(page, link)])
  // An answer to a subscription: it is open, in both directions.
  await socket.waitForEvent('framereceived')
  return { page, faults, socket }
}

/** Another machine's agent, which trusts the certificate in `ca`. Resolves once the page shows it. */
async function joinAgent(installation: Installation, page: Page, url: string, ca: string, name: string): Promise<{ readonly stop: () => Promise<void> }> {
  const data = mkdtempSync(path.join(tmpdir(), 'towpath-agent-'))
  const key = path.join(installation.data, 'keys', 'simulate.key')
  const agent = run(process.execPath, [path.join(root, 'dist/agent.mjs'), 'run', '--server', url, '--auth-key-file', key, '--data', data, '--name', name], { NODE_EXTRA_CA_CERTS: ca })
  await page.goto('/machines')
  await page.getByText(name, { exact: true }).first().waitFor({ timeout: 20_000 }).catch(async (error: unknown) => {
    throw new Error(`the agent did not join; it printed:\n${agent.output()}\nThe page says:\n${await page.locator('body').innerText()}`, { cause: error })
  })
  return {
    async stop() {
      await agent.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

describe('HTTPS by the operator’s files', () => {
  let installation: Installation
  let program: Program
  let made: TestFiles
  let url: string
  let tlsPort: number
  let httpPort: number

  beforeAll(async () => {
    [tlsPort, httpPort] = [await freeTcpPort(), await freeTcpPort()]
    url = `https://localhost:${tlsPort}`
    made = testFiles(await testPair(['localhost']))
    installation = await newInstallation()
    program = await installation.start({
      TOWPATH_TLS_CERT: made.files.cert, TOWPATH_TLS_KEY: made.files.key, TOWPATH_TLS_PORT: String(tlsPort), TOWPATH_HTTP_PORT: String(httpPort),
    })
  })
  afterAll(async () => {
    await program?.stop()
    installation?.remove()
    made?.remove()
  })

  const served = (): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: tlsPort, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '')
      socket.destroy()
    }).on('error', reject)
  })

  test('pages, their WebSocket and an agent of another machine; newer files are served without a restart', async () => {
    expect(program.output()).toMatch(`Dashboard   ${url}\n`)
    expect(program.output()).toContain(`The certificate of ${url} is signed by itself`)
    const { page, faults, socket } = await enter(url, installation.ownerLink())
    expect(socket.url()).toMatch(/^wss:/)
    const agent = await joinAgent(installation, page, url, made.files.cert, 'by-https')

    const before = await served()
    made.write(await testPair(['localhost']))
    await waitFor('the newer certificate', async () => (await served() !== before ? true : undefined), 10_000)
    await page.goto('/settings')
    await page.getByText(`The certificate of ${url} is signed by itself`).waitFor()
    await page.getByText('the operator’s files').first().waitFor()
    expect(faults).toEqual([])
    await agent.stop()
  })

  test('the port beside it sends browsers on', async () => {
    const answer = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: httpPort, path: '/machines', agent: false }, ({ statusCode, headers }) => resolve([statusCode, headers.location])).on('error', reject).end()
    })
    expect(answer).toEqual([308, `${url}/machines`])
    expect((await fetch(`http://127.0.0.1:${httpPort}/healthz`)).status).toBe(200)
  })

  test('files that do not fit end the start in one line', async () => {
    const other = testFiles({ cert: readFileSync(made.files.cert, 'utf8'), key: (await testPair(['localhost'])).key })
    const { args, remove } = await newInstallation()
    const refused = run(process.execPath, ['tools/bootstrap.mjs', 'start', ...args, '--tls-cert', other.files.cert, '--tls-key', other.files.key])
    expect(await refused.exited).toBe(1)
    expect(refused.output().trim()).toMatch(/^The key \S+ does not belong to the certificate \S+: give --tls-key the PEM key of that certificate$/)
    other.remove()
    remove()
  })
})

const [nginx] = proxies
if (nginx?.missing !== undefined) console.log(`The product behind nginx is not tried: ${nginx.missing}`)

describe.skipIf(nginx?.missing !== undefined)('the product behind nginx', () => {
  let installation: Installation
  let program: Program
  let proxy: Proxy
  let owner: Entered

  beforeAll(async () => {
    if (!nginx) throw new Error('no nginx')
    installation = await newInstallation()
    proxy = await nginx.start(installation.port)
    program = await installation.start({ TOWPATH_PUBLIC_URL: proxy.url, TOWPATH_TRUST_PROXY: '127.0.0.1' })
  })
  afterAll(async () => {
    await program?.stop()
    await proxy?.stop()
    installation?.remove()
  })

  test('pages, their WebSocket and the channel of an agent', async () => {
    owner = await enter(proxy.url, installation.ownerLink())
    const { page, faults, socket } = owner
    expect(new URL(socket.url()).host).toBe(new URL(proxy.url).host)
    const agent = await joinAgent(installation, page, proxy.url, proxy.ca, 'by-proxy')
    expect(faults).toEqual([])
    await agent.stop()
  })

  test('what changes after the server made a page and before its socket is there is seen', async () => {
    const { page } = owner
    let letIn = (): void => {}
    const held = new Promise<void>((resolve) => { letIn = resolve })
    await page.routeWebSocket(/trpc-ws/, async (route) => {
      await held
      route.connectToServer()
    })
    await page.goto('/settings')
    await page.getByLabel('Network name').waitFor()
    const renamed = await page.request.post('/api/trpc/setting.update', { data: { json: { networkName: 'Lock 9' } }, headers: { origin: proxy.url } })
    expect(renamed.status()).toBe(200)
    letIn()
    await waitFor('the new name on the page', async () => (await page.getByLabel('Network name').inputValue() === 'Lock 9' ? true : undefined), 15_000)
  })
})
