import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { fetchMap } from './fetch-map.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/map`
}

test('JSON comes back as it is', async () => {
  expect(await fetchMap(await serve((_, response) => response.end('{"Regions":{}}')))).toEqual({ ok: true, value: { Regions: {} } })
})

test.each<[string, RequestListener, string]>([
  ['a redirect', (_, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end(), 'it leads elsewhere (302)'],
  ['a page that is gone', (_, response) => response.writeHead(404).end('gone'), 'status 404'],
  ['no JSON', (_, response) => response.end('<html>'), 'it does not answer with JSON'],
  ['too much', (_, response) => response.end(Buffer.alloc(2 * 1024 * 1024, 0x20)), 'more than 1 MiB'],
  ['a connection that breaks', (request) => request.socket.destroy(), 'it cannot be reached'],
  ['half an answer that never ends', (_, response) => response.write('{'), 'no whole answer within 0.2 s'],
])('%s is told in words', async (_what, answer, text) => {
  const result = await fetchMap(await serve(answer), undefined, 200)
  expect(result.ok ? '' : result.reason).toContain(text)
})

test('nobody there, and a name that nobody has', async () => {
  const url = await serve((_, response) => response.end())
  for (const end of ends.splice(0)) end()
  expect(await fetchMap(url)).toEqual({ ok: false, reason: 'nothing answers there (connection refused)' })
  expect((await fetchMap('http://nobody.invalid/')).ok).toBe(false)
})
