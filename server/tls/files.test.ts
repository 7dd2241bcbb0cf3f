import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readSettings } from '../env.ts'
import { StartError } from '../errors/index.ts'
import { openFileTls } from './files.ts'
import { covers, factsOf, firstHost } from './pair.ts'
import { testFiles, testPair, type TestFiles } from './testing.ts'

const day = 86_400_000
const host = 'a.example'
const clock = { now: () => Date.now() }
const good = await testPair([host, 'b.example', '192.0.2.1'])
const other = await testPair([host])

const kept: TestFiles[] = []
const files = (...args: Parameters<typeof testFiles>): TestFiles => {
  const made = testFiles(...args)
  kept.push(made)
  return made
}
afterEach(() => {
  for (const one of kept.splice(0)) one.remove()
})

test('the names of a certificate, and the one that an address can have', () => {
  const facts = factsOf(good.cert)
  expect(facts).toMatchObject({ names: [host, 'b.example', '192.0.2.1'], selfSigned: true })
  expect(facts.notAfter).toBeGreaterThan(Date.now())
  expect([firstHost({ ...facts, names: ['*.x', '192.0.2.1', 'c.x'] }), firstHost({ ...facts, names: ['*.x', '::1'] }), firstHost({ ...facts, names: ['*.x'] })]).toEqual(['c.x', '::1', undefined])
  expect(['b.example', '192.0.2.1', 'c.example', '192.0.2.2'].map((name) => covers(good.cert, name))).toEqual([true, true, false, false])
})

describe('files that cannot be used are one line with its fix', async () => {
  const over = await testPair([host], Date.now() - 500 * day)
  const toCome = await testPair([host], Date.now() + 10 * day)
  test.each([
    ['no certificate', { key: good.key }, /^Cannot read the certificate \S+cert\.pem: give --tls-cert/],
    ['no key', { cert: good.cert }, /^Cannot read the key \S+key\.pem: give --tls-key/],
    ['no PEM certificate', { cert: 'x', key: good.key }, /cert\.pem is no PEM certificate: give --tls-cert/],
    ['no PEM key', { cert: good.cert, key: 'x' }, /key\.pem is no PEM key without a password: give --tls-key/],
    ['another key', { cert: good.cert, key: other.key }, /^The key \S+ does not belong to the certificate \S+: give --tls-key/],
    ['expired', over, /^The certificate \S+ expired on \d{4}-\d\d-\d\d: put a newer one/],
    ['not yet good', toCome, /^The certificate \S+ is good only from \d{4}-\d\d-\d\d: see that this machine’s clock/],
  ])('%s', (_name, pair, message) => {
    const { files: paths } = files(pair)
    const open = () => openFileTls({ files: paths, host, clock, onProblem: () => {} })
    expect(open).toThrow(StartError)
    expect(open).toThrow(message)
    // Already at the supervisor's first look, when the address is to be taken from the certificate.
    expect(() => readSettings({ TOWPATH_TLS_CERT: paths.cert, TOWPATH_TLS_KEY: paths.key })).toThrow(message)
  })

  test('for another name', () => {
    const { files: paths } = files(good)
    expect(() => openFileTls({ files: paths, host: 'c.example', clock, onProblem: () => {} })).toThrow(/is for a\.example, b\.example, 192\.0\.2\.1, not for c\.example: give --public-url/)
  })
})

describe('files that change', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  test('are served within the next look, and what does not fit leaves the last good pair', async () => {
    const made = files(good)
    const problems: string[] = []
    const served: string[] = []
    const tls = openFileTls({ files: made.files, host, clock, onProblem: (text) => problems.push(text), lookMs: 1000 })
    tls.onPair(({ cert }) => served.push(cert))
    vi.advanceTimersByTime(3000)
    expect(served).toEqual([])

    // The certificate first, its key a moment later: no problem yet.
    made.write({ cert: other.cert })
    vi.advanceTimersByTime(1000)
    made.write({ key: other.key })
    vi.advanceTimersByTime(1000)
    expect([served, problems, tls.pair()]).toEqual([[other.cert], [], other])

    made.write({ key: good.key })
    vi.advanceTimersByTime(5000)
    expect(problems).toEqual([expect.stringMatching(/does not belong to the certificate .* stays in use$/)])
    expect(tls.facts()).toMatchObject({ source: 'files', problem: expect.stringContaining('does not belong'), names: [host] })
    expect(tls.pair()).toEqual(other)

    made.write(good)
    vi.advanceTimersByTime(1000)
    expect([served.at(-1), tls.facts().problem]).toEqual([good.cert, ''])
    tls.close()
    made.write(other)
    vi.advanceTimersByTime(5000)
    expect(tls.pair()).toEqual(good)
  })
})
