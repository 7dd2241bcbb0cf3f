import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { run, type Program } from './program.ts'

/** Where an installation runs, and how it is reached from here. */
export interface Place {
  readonly url: string
  readonly port: number
  /** A free UDP port for a relay of this installation. */
  readonly relayPort: number
  /** What tells it so. */
  readonly args: readonly string[]
  /** A folder for its data that somebody else removes; one of its own unless told. */
  readonly data?: string
  /** A command line that runs another there. */
  command(argv: readonly string[]): readonly [string, ...string[]]
}

export interface Installation {
  /** What it is started with. */
  readonly args: readonly string[]
  readonly data: string
  readonly url: string
  readonly port: number
  readonly relayPort: number
  /** Starts the product as `npm start` does, with `env` over what is there; resolves once it is ready. */
  start(env?: Readonly<Record<string, string>>): Promise<Program>
  /** The owner link of the last start that printed one. */
  ownerLink(): string
  simulate(...args: readonly string[]): Program
  remove(): void
}

const readyMs = 240_000

/** Free ports of this machine's loopback. */
async function onLoopback(): Promise<Place> {
  const [port, derpPort, stunPort, relayPort] = [await freeTcpPort(), await freeTcpPort(), await freeUdpPort(), await freeUdpPort()]
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    relayPort,
    args: ['--port', port, '--bind', '127.0.0.1', '--derp-port', derpPort, '--stun-port', stunPort].map(String),
    command: ([program = '', ...args]) => [program, ...args],
  }
}

/** The product with ports and data of its own, so that several can run on one machine. */
export async function newInstallation(place?: Place): Promise<Installation> {
  const { url, port, relayPort, args: placeArgs, data: given, command } = place ?? await onLoopback()
  const data = given ?? mkdtempSync(path.join(tmpdir(), 'towpath-e2e-'))
  const args = [...placeArgs, '--data', data]
  let link = ''
  function tool(name: string, ...words: readonly string[]): readonly [string, ...string[]] {
    return command([process.execPath, 'tools/bootstrap.mjs', name, ...words])
  }
  return {
    args,
    data,
    port,
    relayPort,
    url,
    ownerLink: () => link,
    async start(env) {
      const [file, ...words] = tool('start', ...args)
      const program = run(file, words, env)
      await program.seen(/Ready/i, readyMs)
      link = /https?:\/\/\S+\/welcome\?token=\S+/.exec(program.output())?.[0] ?? link
      return program
    },
    simulate(...more) {
      const [file, ...words] = tool('simulate', '--data', data, ...more)
      return run(file, words)
    },
    remove: () => rmSync(data, { recursive: true, force: true }),
  }
}
