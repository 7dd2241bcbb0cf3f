import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeMetaCertificate } from './meta-certificate.ts'

test('tells the version of DERP and the server’s key to who looks behind the certificate', async () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 0xf0 ^ i)
  const now = Date.UTC(2026, 5, 1)
  const read = new X509Certificate(await makeMetaCertificate(key, now))
  expect(read.subject).toBe(`CN=derpkey${Buffer.from(key).toString('hex')}`)
  expect(read.serialNumber).toBe('02')
  expect([Date.parse(read.validFrom) < now, Date.parse(read.validTo) > now, read.ca]).toEqual([true, true, false])
})
