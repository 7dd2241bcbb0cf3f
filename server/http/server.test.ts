import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServer } from 'node:net'
import { sendJson, trustedProxies } from '../auth/index.ts'
import { StartError } from '../errors/index.ts'
import { createHttpServer, isSameSite, routeOf, type HttpServer } from './server.ts'

let server: HttpServer
let port: number
const errors: unknown[] = []

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

beforeEach(async () => {
  errors.length = 0
  server = createHttpServer({ trusted: trustedProxies([]), onError: (error) => errors.push(error) })
  port = await freePort()
  await server.listen(port, '127.0.0.1')
})
afterEach(() => server.close())

const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)

test('the longest prefix that is the path, or a folder above it, serves it', () => {
  const routes = { '/api/trpc': 1, '/api': 2, '/agent': 3 }
  expect(['/api/trpc', '/api/trpc/a.b', '/api/trpc-ws', '/api/x', '/agents', '/'].map((path) => routeOf(routes, path))).toEqual([1, 1, 2, 2, undefined, undefined])
})

test('a page of another site may not open our sockets; a program, which has no site, may', () => {
  const from = (origin: string | undefined) => isSameSite({ headers: { host: 'relay.example:3000', ...(origin === undefined ? {} : { origin }) } })
  expect([from(undefined), from('http://relay.example:3000'), from('https://relay.example:3000')]).toEqual([true, true, true])
  expect([from('http://relay.example'), from('http://evil.example:3000'), from('null')]).toEqual([false, false, false])
})

test('it says that it is starting until it serves, and what fails is told to the log alone', async () => {
  expect((await get('/')).status).toBe(503)
  server.serve({
    requests: { '/fails': async () => { throw new Error('secret detail') } },
    upgrades: {},
    pages: async (request, response) => sendJson(response, 200, { address: request.headers['x-towpath-address'] }),
  })
  const page = await get('/')
  expect([page.headers.get('x-content-type-options'), page.headers.get('content-security-policy')]).toEqual(['nosniff', "frame-ancestors 'none'"])
  expect(await page.json()).toEqual({ address: '127.0.0.1' })
  const failed = await get('/fails')
  expect([failed.status, await failed.text()]).toEqual([500, JSON.stringify({ message: 'This failed: the server’s log says why' })])
  expect(errors.map(String)).toEqual(['Error: secret detail'])
})

test('a port in use is one line', async () => {
  const second = createHttpServer({ trusted: trustedProxies([]), onError: () => {} })
  const listening = second.listen(port, '127.0.0.1')
  await expect(listening).rejects.toThrow(StartError)
  await expect(listening).rejects.toThrow(`Port ${port} TCP is in use by another program`)
})
