import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { testPair } from '../../../server/tls/testing.ts'
import { debianProgram } from './debian.ts'
import { freeTcpPort } from './ports.ts'
import { run, type Program } from './program.ts'
import { snippet, withValues } from './snippets.ts'
import { waitFor } from './wait.ts'

/** A reverse proxy with HTTPS under `https://localhost:PORT`, set up as docs/operate.md says. */
export interface Proxy {
  readonly url: string
  /** A PEM file: what it is verified by. */
  readonly ca: string
  output(): string
  stop(): Promise<void>
}

export interface ProxyKind {
  readonly name: string
  /** Why it is not there; undefined: it is. */
  readonly missing: string | undefined
  /** In front of this port of loopback. */
  start(upstream: number): Promise<Proxy>
}

const nginx = debianProgram('nginx', 'usr/sbin/nginx', ['-v'])
const caddy = debianProgram('caddy', 'usr/bin/caddy', ['version'])

interface Prepared {
  readonly folder: string
  readonly port: number
  readonly plainPort: number
  readonly cert: string
  readonly key: string
}

async function prepare(): Promise<Prepared> {
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-proxy-'))
  const pair = await testPair(['localhost'])
  const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')]
  writeFileSync(cert, pair.cert)
  writeFileSync(key, pair.key)
  return { folder, port: await freeTcpPort(), plainPort: await freeTcpPort(), cert, key }
}

async function running(program: Program, { folder, port, cert }: Prepared): Promise<Proxy> {
  await waitFor(() => `the proxy to listen; it printed:\n${program.output()}`, () => new Promise<true | undefined>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(undefined))
    socket.once('connect', () => socket.destroy())
  }), 15_000)
  return {
    url: `https://localhost:${port}`,
    ca: cert,
    output: program.output,
    async stop() {
      await program.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startNginx(file: string, upstream: number): Promise<Proxy> {
  const prepared = await prepare()
  const { folder, port, plainPort, cert, key } = prepared
  const site = withValues(snippet('operate.md', 'nginx'), [
    ['127.0.0.1:3000', `127.0.0.1:${upstream}`], ['listen 80', `listen 127.0.0.1:${plainPort}`], ['listen 443', `listen 127.0.0.1:${port}`],
    ['server_name relay.example.com', 'server_name localhost'],
    ['/etc/ssl/relay.example.com/fullchain.pem', cert], ['/etc/ssl/relay.example.com/privkey.pem', key],
  ])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n')
  writeFileSync(path.join(folder, 'nginx.conf'), [
    'daemon off;', 'worker_processes 1;', ...(process.getuid?.() === 0 ? ['user root;'] : []), `pid ${folder}/nginx.pid;`, 'error_log stderr warn;',
    'events {}', `http {\naccess_log off;\n${temporary}\n${site}\n}`, '',
  ].join('\n'))
  mkdirSync(path.join(folder, 'logs'))
  return running(run(file, ['-p', folder, '-c', path.join(folder, 'nginx.conf')]), prepared)
}

async function startCaddy(file: string, upstream: number): Promise<Proxy> {
  const prepared = await prepare()
  const { folder, port, plainPort, cert, key } = prepared
  const site = withValues(snippet('operate.md', 'caddy'), [
    ['127.0.0.1:3000', `127.0.0.1:${upstream}`],
    // It would ask for a certificate by itself, which is not what is looked at here.
    ['relay.example.com {', `https://localhost:${port} {\n    bind 127.0.0.1\n    tls ${cert} ${key}`],
  ])
  writeFileSync(path.join(folder, 'Caddyfile'), `{\n    admin off\n    http_port ${plainPort}\n    auto_https disable_redirects\n    skip_install_trust\n}\n${site}`)
  return running(run(file, ['run', '--config', path.join(folder, 'Caddyfile'), '--adapter', 'caddyfile'], { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }), prepared)
}

export const proxies: readonly ProxyKind[] = [
  { name: 'nginx', missing: 'missing' in nginx ? nginx.missing : undefined, start: (upstream) => startNginx('path' in nginx ? nginx.path : '', upstream) },
  { name: 'caddy', missing: 'missing' in caddy ? caddy.missing : undefined, start: (upstream) => startCaddy('path' in caddy ? caddy.path : '', upstream) },
]
