import { expect, test } from 'vitest'
import { equalBytes } from '../../lib/bytes.ts'
import { seededBytes } from '../../tests/simulation/client.ts'
import { challengeMac, createSecrets, macHolds, rotateSecrets } from './mac.ts'

const fields = { vni: 1, generation: 2, remoteDisco: new Uint8Array(32).fill(3), challenge: new Uint8Array(32) }
const from = { ip: '192.0.2.1', port: 4 }

test('the MAC covers every field, the address and the port', () => {
  const secret = new Uint8Array(32).fill(9)
  const mac = challengeMac(secret, fields, from)
  const others = [
    challengeMac(new Uint8Array(32), fields, from),
    challengeMac(secret, { ...fields, vni: 2 }, from),
    challengeMac(secret, { ...fields, generation: 3 }, from),
    challengeMac(secret, { ...fields, remoteDisco: new Uint8Array(32) }, from),
    challengeMac(secret, fields, { ...from, ip: '192.0.2.2' }),
    challengeMac(secret, fields, { ...from, ip: '::192.0.2.1' }),
    challengeMac(secret, fields, { ...from, port: 5 }),
  ]
  expect(mac).toHaveLength(32)
  for (const other of others) expect(equalBytes(other, mac)).toBe(false)
})

test('a secret holds for the rotation after its own, and after a long sleep not at all', () => {
  const secrets = createSecrets(seededBytes(1), 0)
  const answered = { ...fields, challenge: challengeMac(secrets.current, fields, from) }
  expect(rotateSecrets(secrets, seededBytes(2), 119_999)).toBe(false)
  expect(rotateSecrets(secrets, seededBytes(2), 120_000)).toBe(true)
  expect(macHolds(secrets, answered, from)).toBe(true)
  rotateSecrets(secrets, seededBytes(3), 240_000)
  expect(macHolds(secrets, answered, from)).toBe(false)

  const slept = createSecrets(seededBytes(1), 0)
  rotateSecrets(slept, seededBytes(2), 240_000)
  expect(macHolds(slept, answered, from)).toBe(false)
})
