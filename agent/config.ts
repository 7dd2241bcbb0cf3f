import { randomBytes } from 'node:crypto'
import { accessSync, closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { z } from 'zod'
import { fromHex, toHex } from '../lib/bytes.ts'
import { dataPlaneNames, maxWorkers } from './dataplane/options.ts'
import { makeFolder } from './make-folder.ts'
import { removalSchema } from './removal.ts'
import { reportSchema, viewSchema, type Report } from '../protocol/channel/index.ts'

/** A node's three key pairs, raw 32 bytes each. `machine` is Ed25519 (signs the hub's challenge), the others X25519. */
export interface NodeKeys {
  readonly machine: KeyPair
  readonly node: KeyPair
  readonly disco: KeyPair
}

export interface KeyPair {
  readonly secret: Uint8Array
  readonly public: Uint8Array
}

const secret = z.string().regex(/^[0-9a-f]{64}$/)
const keysSchema = z.object({ machine: secret, node: secret, disco: secret })

/** What is remembered between runs besides keys: who to talk to, and the last view that was applied. */
const savedSchema = z.object({
  server: z.string().optional(),
  name: z.string().optional(),
  /** The control plane's clock minus this machine's, as last seen, ms. */
  skewMs: z.number().default(0),
  revision: z.number().int().nonnegative().default(0),
  view: viewSchema.optional(),
  /** It was told that it is no longer of this network, with the hash of the auth key that it had then. */
  removed: removalSchema.optional(),
})
export type SavedConfig = z.infer<typeof savedSchema>

const requestSchema = z.object({ requestedPort: z.number().int().min(1).max(65535).optional() })

/** Each by itself: what another version wrote and this one does not know costs that one alone. */
const forwardingSchema = z.object({
  dataPlane: z.enum(dataPlaneNames).optional().catch(undefined),
  workers: z.number().int().min(1).max(maxWorkers).optional().catch(undefined),
  sessionRate: z.number().int().positive().optional().catch(undefined),
})
type Forwarding = z.infer<typeof forwardingSchema>

/** Fresh keys from the system's random source (or a given one: simulated peers with a seed). */
export function generateKeys(random: (length: number) => Uint8Array = randomBytes): NodeKeys {
  return keysFromSecrets(Uint8Array.from(random(32)), Uint8Array.from(random(32)), Uint8Array.from(random(32)))
}

function keysFromSecrets(machine: Uint8Array, node: Uint8Array, disco: Uint8Array): NodeKeys {
  return {
    machine: { secret: machine, public: ed25519.getPublicKey(machine) },
    node: { secret: node, public: x25519.getPublicKey(node) },
    disco: { secret: disco, public: x25519.getPublicKey(disco) },
  }
}

/** Replaces the file or leaves the old one whole, also at a power cut: temporary file, fsync, rename. Mode 0600. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w', 0o600)
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The agent's data folder. Throws only for what a person must mend: no permission, or a keys file that does not read. */
export class DataFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
    try {
      makeFolder(resolve(path))
      accessSync(path, constants.W_OK | constants.X_OK)
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      throw new Error(`Cannot write in the data folder ${path} (${why}): give --data a folder that this user may write`, { cause: error })
    }
  }

  /** The keys of this machine, made at the first call. A damaged file is not replaced: the identity would be lost. */
  keys(): NodeKeys {
    const path = join(this.path, 'keys.json')
    const text = readText(path)
    if (text === undefined) {
      const made = generateKeys()
      writeAtomically(path, JSON.stringify({
        machine: toHex(made.machine.secret), node: toHex(made.node.secret), disco: toHex(made.disco.secret),
      }))
      return made
    }
    const parsed = parseJson(keysSchema, text)
    const [machine, node, disco] = parsed === undefined ? [] : [parsed.machine, parsed.node, parsed.disco].map(fromHex)
    if (machine === undefined || node === undefined || disco === undefined) {
      throw new Error(`${path} is damaged: restore it from a back-up, or remove it to join as a new machine`)
    }
    return keysFromSecrets(machine, node, disco)
  }

  /** A damaged file counts as none: the control plane sends the view again. */
  config(): SavedConfig {
    return parseJson(savedSchema, readText(join(this.path, 'agent.json')) ?? '{}') ?? { revision: 0, skewMs: 0 }
  }

  saveConfig(config: SavedConfig): void {
    writeAtomically(join(this.path, 'agent.json'), JSON.stringify(config))
  }

  /** Text of the relay's saved state, opaque here; undefined at the first start. */
  relayState(): string | undefined {
    return readText(join(this.path, 'relay-state.json'))
  }

  /** The port that this machine's command line asks to advertise on: a file of its own, as another process writes it. */
  requestedPort(): number | undefined {
    return parseJson(requestSchema, readText(join(this.path, 'request.json')) ?? '{}')?.requestedPort
  }

  saveRequestedPort(requestedPort: number | undefined): void {
    writeAtomically(join(this.path, 'request.json'), JSON.stringify({ requestedPort }))
  }

  /** How to forward packets where the command line does not say: set by another process, for the next start. */
  forwarding(): Forwarding {
    return parseJson(forwardingSchema, readText(join(this.path, 'forwarding.json')) ?? '{}') ?? {}
  }

  saveForwarding(forwarding: Forwarding): void {
    writeAtomically(join(this.path, 'forwarding.json'), JSON.stringify(forwarding))
  }

  /** Reports that no acknowledgement came for before the last end. */
  unsentReports(): Report[] {
    return parseJson(z.array(reportSchema), readText(join(this.path, 'reports.json')) ?? '[]') ?? []
  }

  saveUnsentReports(reports: readonly Report[]): void {
    writeAtomically(join(this.path, 'reports.json'), JSON.stringify(reports))
  }

  saveRelayState(text: string): void {
    writeAtomically(join(this.path, 'relay-state.json'), text)
  }
}

function parseJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
