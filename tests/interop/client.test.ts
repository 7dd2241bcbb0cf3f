import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLab, type Lab } from '../netlab/index.ts'
import { startClient, type StockClient } from './harness/client.ts'
import { interopUnavailable } from './harness/stock-client.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

describe.skipIf(unavailable !== undefined)('a stock client in the lab', () => {
  let lab: Lab
  let client: StockClient

  beforeAll(async () => {
    lab = await createLab({ prefix: 'client', sites: { control: { public: true, address: '10.0.0.5' }, a: { nat: 'hard' }, b: { nat: 'hard' } } })
    client = await startClient(lab, 'a', { name: 'a' })
  })
  afterAll(() => lab?.remove())

  test('answers on its own socket, and waits to be told where to log in', async () => {
    expect(await client.status()).toMatchObject({ BackendState: 'NeedsLogin', Peer: {} })
    expect((await client.cli(['status'])).stdout).toContain('Logged out.')
    await expect(client.localApi('no-such-thing')).rejects.toThrow('LocalAPI GET no-such-thing: 404')
  })

  test('killed and started again, it is there', async () => {
    await client.kill()
    await client.restart()
    expect((await client.status()).BackendState).toBe('NeedsLogin')
  })
})
