import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { testPair } from '../../../server/tls/testing.ts'
import { debianProgram } from './debian.ts'
import { freeTcpPort } from './ports.ts'
import { run } from './program.ts'
import { waitFor } from './wait.ts'

const pebble = debianProgram('pebble', 'usr/bin/pebble', ['-h'])
const fakeDns = debianProgram('pebble', 'usr/bin/pebble-challtestsrv', ['-h'])

/** Why there is no ACME test server here; undefined: there is. */
export const noPebble = 'missing' in pebble ? pebble.missing : 'missing' in fakeDns ? fakeDns.missing : undefined

/** The ACME test server, for which every name leads to this machine. */
export interface Pebble {
  readonly directory: string
  /** A PEM file by which its own HTTPS is verified. */
  readonly ca: string
  /** PEM of the root of what it gives out. */
  root(): Promise<string>
  stop(): Promise<void>
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { ca, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('end', () => resolve(text))
    }).on('error', reject).end()
  })
}

/** `httpPort`: where it looks for proofs, in place of 80. `lifeSeconds`: of what it gives out. */
export async function startPebble({ httpPort, lifeSeconds = 90 * 86_400 }: { readonly httpPort: number; readonly lifeSeconds?: number }): Promise<Pebble> {
  if ('missing' in pebble || 'missing' in fakeDns) throw new Error(noPebble)
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-pebble-'))
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  const [port, management, dns, dnsManagement] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort(), await freeTcpPort()]
  const own = await testPair(['localhost', '127.0.0.1'])
  const [certificate, privateKey] = [file('cert.pem', own.cert), file('key.pem', own.key)]
  const config = file('config.json', JSON.stringify({
    pebble: {
      listenAddress: `127.0.0.1:${port}`, managementListenAddress: `127.0.0.1:${management}`, certificate, privateKey,
      httpPort, tlsPort: httpPort, ocspResponderURL: '', externalAccountBindingRequired: false, certificateValidityPeriod: lifeSeconds,
    },
  }))
  const names = run(fakeDns.path, [
    '-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`, '-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv4', '127.0.0.1', '-defaultIPv6', '',
  ])
  // Its waits are for people who watch it; every proof is asked for anew.
  const server = run(pebble.path, ['-config', config, '-dnsserver', `127.0.0.1:${dns}`], { PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0' })
  await waitFor(() => `the ACME test server to answer; it printed:\n${server.output()}${names.output()}`, () => get(`https://127.0.0.1:${port}/dir`, own.cert).catch(() => undefined), 10_000)
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    ca: certificate,
    root: () => get(`https://127.0.0.1:${management}/roots/0`, own.cert),
    async stop() {
      await Promise.all([server.stop(), names.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
