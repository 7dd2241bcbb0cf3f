import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openAcmeTls } from './acme.ts'
import type { Order } from './acme-issue.ts'
import { renewAt, retryAfter } from './acme-schedule.ts'
import { factsOf, type CertificatePair } from './pair.ts'
import { testPair } from './testing.ts'
import type { Tls } from './types.ts'

const [minute, day] = [60_000, 86_400_000]
const start = Date.UTC(2026, 0, 1)
const acme = { name: 'relay.example.com', email: undefined, directory: 'https://ca.example/dir', ca: undefined } as const

test('a certificate is renewed with a third of its life left, however long that is', () => {
  expect(renewAt({ notBefore: 0, notAfter: 90 * day })).toBe(60 * day)
  expect(renewAt({ notBefore: 0, notAfter: 6 * day })).toBe(4 * day)
})

test('failures are spread out: fewer than five in the first hour, then up to six hours apart', () => {
  const waits = [1, 2, 3, 4, 5, 6, 20].map((failures) => retryAfter(failures, 0.5) / minute)
  expect(waits).toEqual([2, 6, 18, 54, 162, 360, 360])
  expect([retryAfter(1, 0), retryAfter(1, 1)].map(Math.round)).toEqual([1.8 * minute, 2.2 * minute])
})

describe('a certificate that is asked for', () => {
  let data: string
  let tls: Tls | undefined
  let orders: Order[]
  let said: string[]
  let problems: string[]
  let answer: (order: Order) => Promise<CertificatePair>

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: start })
    data = mkdtempSync(path.join(tmpdir(), 'towpath-acme-'))
    ;[orders, said, problems] = [[], [], []]
    answer = () => testPair([acme.name])
  })
  afterEach(() => {
    tls?.close()
    vi.useRealTimers()
    rmSync(data, { recursive: true, force: true })
  })

  async function open(name: string = acme.name): Promise<Tls> {
    tls = await openAcmeTls({
      acme: { ...acme, name }, data, clock: { now: () => Date.now() }, random: (length) => new Uint8Array(randomBytes(length)),
      onProgress: (text) => said.push(text), onProblem: (text) => problems.push(text),
      issue(order) {
        orders.push(order)
        return answer(order)
      },
    })
    return tls
  }

  /** Lets a try that was begun come to its end. */
  const tried = (opened: Tls) => vi.waitUntil(() => opened.facts().nextTry !== null)

  test('a makeshift is served until it is there; it is kept, and a later start asks for none', async () => {
    const opened = await open()
    const served: string[] = []
    opened.onPair(({ cert }) => served.push(cert))
    expect(opened.facts()).toMatchObject({ source: 'acme', selfSigned: true, names: [acme.name], problem: '' })
    expect(factsOf(opened.pair().cert).names).toEqual([acme.name])
    let during: unknown
    answer = async ({ onChallenge }) => {
      const stop = onChallenge('token', 'token.proof')
      during = opened.challenge('token')
      stop()
      return testPair([acme.name])
    }
    await opened.begin()
    expect([during, opened.challenge('token')]).toEqual(['token.proof', undefined])
    expect(served).toEqual([opened.pair().cert])
    expect(opened.facts()).toMatchObject({ selfSigned: false, problem: '' })
    expect(said).toEqual(['asking ca.example for a certificate for relay.example.com …', expect.stringMatching(/^the certificate for relay\.example\.com is there, good until \d{4}-\d\d-\d\d$/)])
    const files = readdirSync(path.join(data, 'tls'), { recursive: true, encoding: 'utf8' }).map((name) => path.join(data, 'tls', name)).filter((file) => statSync(file).isFile())
    expect(files.map((file) => [path.basename(file), (statSync(file).mode & 0o777).toString(8)])).toEqual([['account.json', '600'], ['certificate.json', '600']])

    opened.close()
    const again = await open()
    expect(again.pair()).toEqual(opened.pair())
    await again.begin()
    expect(orders).toHaveLength(1)
    again.close()
    // Another name is another certificate, of the same account.
    const other = await open('other.example.com')
    expect(other.facts()).toMatchObject({ selfSigned: true, names: ['other.example.com'] })
    await other.begin()
    expect(new Set(orders.map(({ accountKey }) => accountKey)).size).toBe(1)
  })

  test('it is renewed at a third of its life, and one that cannot be had leaves the old one, tried again later each time', async () => {
    const opened = await open()
    await opened.begin()
    const first = opened.pair()
    const { notBefore, notAfter } = factsOf(first.cert)
    expect(opened.facts().nextTry?.getTime()).toBe(renewAt({ notBefore, notAfter }))

    answer = () => Promise.reject(new Error('Fetching http://relay.example.com/: Connection refused'))
    vi.setSystemTime(renewAt({ notBefore, notAfter }) - 2 * minute)
    vi.advanceTimersByTime(minute)
    expect(orders).toHaveLength(1)
    vi.advanceTimersByTime(minute)
    expect(opened.facts().nextTry).toBeNull()
    await tried(opened)
    expect(orders).toHaveLength(2)
    expect(opened.pair()).toBe(first)
    expect(problems).toEqual([expect.stringMatching(/^ca\.example gave no certificate for relay\.example\.com \(Fetching .* Connection refused\): see that the name .*It is tried again in 2 min$/)])
    expect(opened.facts()).toMatchObject({ selfSigned: false, problem: expect.stringContaining('Connection refused') })

    vi.advanceTimersByTime(3 * minute)
    await tried(opened)
    expect([orders.length, problems.length]).toEqual([3, 2])
    vi.advanceTimersByTime(3 * minute)
    expect(orders).toHaveLength(3)

    answer = () => testPair([acme.name], Date.now())
    vi.advanceTimersByTime(5 * minute)
    await tried(opened)
    expect(orders).toHaveLength(4)
    expect(opened.pair()).not.toEqual(first)
    expect(opened.facts().problem).toBe('')
  })

  test('an authority that is not reached, and the way to it', async () => {
    answer = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:443'), { code: 'ECONNREFUSED' }))
    const opened = await open()
    await opened.begin()
    expect(opened.facts()).toMatchObject({ selfSigned: true, problem: expect.stringMatching(/is not reached \(connect ECONNREFUSED 192\.0\.2\.1:443\): see that this machine has a way to it$/) })
  })

  test('one that cannot be kept is served all the same, and not asked for again', async () => {
    const opened = await open()
    const made = await testPair([acme.name])
    answer = async () => {
      const [folder = ''] = readdirSync(path.join(data, 'tls'))
      // What is written first; a folder of its name is in the way of every user.
      mkdirSync(path.join(data, 'tls', folder, 'certificate.json.new'))
      return made
    }
    await opened.begin()
    expect(opened.pair()).toBe(made)
    expect(opened.facts()).toMatchObject({ selfSigned: false, problem: expect.stringMatching(/cannot be kept \(EISDIR.*\): see that this user may write there .*It is in use, and the next start asks for another$/) })
    expect(problems).toHaveLength(1)
    vi.advanceTimersByTime(10 * minute)
    expect(orders).toHaveLength(1)
  })

  test('a damaged file is one line', async () => {
    const opened = await open()
    await opened.begin()
    const [folder = ''] = readdirSync(path.join(data, 'tls'))
    writeFileSync(path.join(data, 'tls', folder, 'account.json'), '{')
    await expect(open()).rejects.toThrow(/account\.json is damaged: restore it from a back-up, or remove it/)
  })
})
