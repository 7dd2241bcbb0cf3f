import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { run, type Program } from './program.ts'

export interface Installation {
  /** What it is started with. */
  readonly args: readonly string[]
  readonly data: string
  readonly url: string
  readonly port: number
  /** A free UDP port for a relay of this installation. */
  readonly relayPort: number
  /** Starts the product as `npm start` does, with `env` over what is there; resolves once it is ready. */
  start(env?: Readonly<Record<string, string>>): Promise<Program>
  /** The owner link of the last start that printed one. */
  ownerLink(): string
  simulate(...args: readonly string[]): Program
  remove(): void
}

const readyMs = 240_000

/** The product with ports and data of its own, so that several can run on one machine. */
export async function newInstallation(): Promise<Installation> {
  const data = mkdtempSync(path.join(tmpdir(), 'towpath-e2e-'))
  const [port, derpPort, stunPort, relayPort] = [await freeTcpPort(), await freeTcpPort(), await freeUdpPort(), await freeUdpPort()]
  const args = ['--port', port, '--bind', '127.0.0.1', '--derp-port', derpPort, '--stun-port', stunPort, '--data', data].map(String)
  let link = ''
  return {
    args,
    data,
    port,
    relayPort,
    url: `http://127.0.0.1:${port}`,
    ownerLink: () => link,
    async start(env) {
      const program = run(process.execPath, ['tools/bootstrap.mjs', 'start', ...args], env)
      await program.seen(/Ready/i, readyMs)
      link = /https?:\/\/\S+\/welcome\?token=\S+/.exec(program.output())?.[0] ?? link
      return program
    },
    simulate: (...more) => run(process.execPath, ['tools/bootstrap.mjs', 'simulate', '--data', data, ...more]),
    remove: () => rmSync(data, { recursive: true, force: true }),
  }
}
