import { expect, test, vi } from 'vitest'
import { connect } from '../../../tests/coordination-client/index.ts'
import { generator } from '../../../protocol/testing.ts'
import { h2Frame, h2Opening, h2Request, openTestTransport, rawClient } from '../../../tests/coordination-client/rig.ts'

const below = generator(11)
const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)))
const paths = ['/map', '/echo', '/throw', '/wait', '/none']

/** A frame that might be HTTP/2's, mostly of a client's everyday. */
function invented(count: number): Buffer {
  const stream = 2 * below(count + 1) + 1
  switch (below(12)) {
    case 0: case 1: case 2: return h2Request(2 * count + 1, paths[below(paths.length)] ?? '/')
    case 3: case 4: return h2Request(2 * count + 1, paths[below(paths.length)] ?? '/', false)
    case 5: case 6: return h2Frame(0, below(2), stream, bytes(below(600)))
    case 7: case 8: return h2Frame(3, 0, stream, bytes(4))
    case 9: return h2Frame(below(12), below(256), stream, bytes(below(40)))
    case 10: return h2Frame(8, 0, below(2) * stream, bytes(4))
    default: return below(10) === 0 ? bytes(below(50)) : h2Frame(6, 0, 0, bytes(8))
  }
}

test('100 clients that send whatever comes to their mind, and leave whenever they like', async () => {
  const open = await openTestTransport({
    '/map': (exchange) => {
      const answer = exchange.stream()
      answer.write(Buffer.alloc(below(100_000)))
      const end = below(3)
      if (end === 0) answer.end()
      if (end === 1) answer.destroy()
    },
    '/echo': async (exchange) => exchange.answer(200, (await exchange.body(1000)).length),
    '/throw': () => { throw new Error('a bug') },
    '/wait': (exchange) => { setImmediate(() => exchange.answer(200, 'late')) },
  }, { limits: { newPerIp: { perSecond: 1e6, burst: 1e6 }, maxUnregisteredPerIp: 1e6, closeMs: 100 } })
  const good = await connect(open.url)
  const serverKey = open.transport.publicKey

  async function misbehave(): Promise<void> {
    const client = await rawClient(open.url, { serverKey })
    if (below(10) > 0) client.send(h2Opening)
    for (let count = below(50); count > 0 && !client.socket.destroyed; count--) {
      client.send(invented(50 - count))
      if (below(8) === 0) await new Promise((resolve) => { setImmediate(resolve) })
    }
    if (below(2) === 0) client.socket.end()
    client.socket.destroy()
  }
  for (let n = 0; n < 10; n++) await Promise.all(Array.from({ length: 10 }, misbehave))
  await vi.waitFor(() => expect(open.transport.counts().connections).toBe(1), 5000)
  expect((await good.request('/echo', new Uint8Array(10))).text).toBe('10')
  const { closed, requests } = open.transport.counts()
  expect([requests > 40, Object.values(closed).reduce((sum, count) => sum + count, 0)]).toEqual([true, 100])
  await good.close()
  await open.close()
})
