import { randomBytes, type X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { sendJson, trustedProxies } from '../../server/auth/index.ts'
import { createHttpServer, type HttpServer } from '../../server/http/server.ts'
import { openAcmeTls } from '../../server/tls/acme.ts'
import { factsOf } from '../../server/tls/pair.ts'
import type { Tls } from '../../server/tls/types.ts'
import { freeTcpPort } from './harness/ports.ts'
import { noPebble, startPebble, type Pebble } from './harness/pebble.ts'
import type { Program } from './harness/program.ts'
import { newInstallation, type Installation } from './harness/towpath.ts'

if (noPebble !== undefined) console.log(`The tests of ACME are skipped: ${noPebble}`)

const name = 'relay.example.com'
let pebble: Pebble
let tlsPort: number
let httpPort: number

interface Shown {
  readonly status: number | undefined
  readonly certificate: X509Certificate
}

/** Asks over HTTPS as a client does that trusts the authority and nothing else. */
async function ask(urlPath: string, ca?: string): Promise<Shown> {
  const trusted = ca ?? await pebble.root()
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', servername: name, port: tlsPort, path: urlPath, ca: trusted, headers: { host: name }, agent: false }, (response) => {
      const certificate = response.socket instanceof TLSSocket ? response.socket.getPeerX509Certificate() : undefined
      response.resume()
      if (certificate) resolve({ status: response.statusCode, certificate })
      else reject(new Error('no certificate'))
    }).on('error', reject).end()
  })
}

describe.skipIf(noPebble !== undefined)('a real ACME authority', () => {
  beforeAll(async () => {
    [tlsPort, httpPort] = [await freeTcpPort(), await freeTcpPort()]
    pebble = await startPebble({ httpPort })
  })
  afterAll(() => pebble?.stop())

  describe('the ports and the certificate', () => {
    let data: string
    let server: HttpServer
    let tls: Tls
    let now: number
    const problems: string[] = []

    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
      data = mkdtempSync(path.join(tmpdir(), 'towpath-acme-'))
      now = Date.now()
      problems.length = 0
    })
    afterEach(() => {
      vi.useRealTimers()
      tls?.close()
      server?.close()
      rmSync(data, { recursive: true, force: true })
    })

    async function open(asked: string, proofs: number): Promise<void> {
      tls = await openAcmeTls({
        acme: { name: asked, email: 'ann@example.com', directory: pebble.directory, ca: pebble.ca },
        data, clock: { now: () => now }, random: (length) => new Uint8Array(randomBytes(length)), onProgress: () => {}, onProblem: (text) => problems.push(text),
      })
      server = createHttpServer({ trusted: trustedProxies([]), onError: (error) => problems.push(String(error)) })
      tls.onPair(await server.listenTls({ port: tlsPort, bind: '127.0.0.1', flag: 'tls-port' }, tls.pair()))
      await server.listenBesideTls({ port: proofs, bind: '127.0.0.1', flag: 'http-port' }, { origin: `https://${asked}`, challenge: tls.challenge })
      server.serve({ requests: {}, upgrades: {}, pages: async (_request, response) => sendJson(response, 200, {}) })
    }

    test('given out, served, and renewed when two thirds of its life are over', async () => {
      await open(name, httpPort)
      await expect(ask('/')).rejects.toThrow(/self-signed|unable to verify/)
      await tls.begin()
      expect([problems, tls.facts()]).toEqual([[], expect.objectContaining({ source: 'acme', selfSigned: false, names: [name], problem: '' })])
      const first = await ask('/')
      expect([first.status, first.certificate.checkHost(name)]).toEqual([200, name])
      expect(tls.pair().cert.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(1)

      const { notBefore, notAfter } = factsOf(tls.pair().cert)
      now = notBefore + (notAfter - notBefore) * 0.66
      vi.advanceTimersByTime(60_000)
      expect(tls.facts().nextTry).not.toBeNull()
      now = notBefore + (notAfter - notBefore) * 0.67
      vi.advanceTimersByTime(60_000)
      await vi.waitUntil(() => tls.facts().nextTry !== null, { timeout: 30_000 })
      expect(problems).toEqual([])
      const second = await ask('/')
      expect(second.status).toBe(200)
      expect(second.certificate.serialNumber).not.toBe(first.certificate.serialNumber)
    })

    test('what is proven to nobody is not given out, and says why', async () => {
      await open(name, await freeTcpPort())
      await tls.begin()
      expect(problems).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+ gave no certificate for relay\.example\.com \(.+\): see that the name leads to this machine.* It is tried again in 2 min$/)])
      expect(tls.facts()).toMatchObject({ selfSigned: true })
    })
  })

  describe('npm start', () => {
    let installation: Installation
    let program: Program
    const variables = () => ({
      TOWPATH_ACME: name, TOWPATH_ACME_DIRECTORY: pebble.directory, TOWPATH_ACME_CA: pebble.ca, TOWPATH_TLS_PORT: String(tlsPort), TOWPATH_HTTP_PORT: String(httpPort),
    })

    beforeAll(async () => {
      installation = await newInstallation()
      program = await installation.start(variables())
    })
    afterAll(async () => {
      await program?.stop()
      installation?.remove()
    })

    test('says what it waits for, and where it is reached', async () => {
      expect(program.output()).toMatch(/asking 127\.0\.0\.1:\d+ for a certificate for relay\.example\.com …[\s\S]*the certificate for relay\.example\.com is there, good until/)
      expect(program.output()).toMatch(new RegExp(`Dashboard\\s+https://${name}:${tlsPort}\n`))
      expect(program.output()).not.toContain('Note:')
      expect((await ask('/healthz')).status).toBe(200)
      expect((await ask('/sign-in')).status).toBe(200)
      // The plain port goes on for what runs on this machine.
      expect((await fetch(`${installation.url}/healthz`)).status).toBe(200)
      const sent = await fetch(`http://127.0.0.1:${httpPort}/sign-in`, { redirect: 'manual' })
      expect([sent.status, sent.headers.get('location')]).toEqual([308, `https://${name}:${tlsPort}/sign-in`])
    })

    test('a later start serves the same certificate, and asks for none', async () => {
      const { certificate } = await ask('/healthz')
      await program.stop()
      program = await installation.start(variables())
      expect(program.output()).not.toContain('asking')
      expect((await ask('/healthz')).certificate.serialNumber).toBe(certificate.serialNumber)
    })
  })
})
