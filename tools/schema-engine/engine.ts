// The native schema engine's JSON-RPC over stdin and stdout, spoken by the WebAssembly engine: nothing has to be downloaded.
import readline from 'node:readline'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { z } from 'zod'
import { readArguments } from './arguments.ts'
import { createFactory, memoryHost } from './databases.ts'
import { newEngine } from './wasm.ts'

const { datamodels, url = `postgresql://${memoryHost}/dev`, words } = readArguments(process.argv.slice(2))
const factory = createFactory(url)

function send(message: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function canConnect(): Promise<number> {
  if (new URL(url).hostname === memoryHost) return 0
  try {
    const connection = await factory.connect()
    await connection.queryRaw({ sql: 'SELECT 1', args: [], argTypes: [] })
    await connection.dispose()
    return 0
  } catch (error) {
    const fields = { message: text(error), error_code: 'P1001' }
    process.stderr.write(`${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}\n`)
    return 1
  }
}

const requestSchema = z.object({ id: z.union([z.number(), z.string()]), method: z.string(), params: z.record(z.string(), z.unknown()).default({}) })

/** What the engine calls a method, where the CLI's name differs. */
const renamed: Readonly<Record<string, string>> = { getDatabaseVersion: 'version' }

async function call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
  const adapter = bindMigrationAwareSqlAdapterFactory(factory)
  const engine = await newEngine(datamodels, adapter)
  const invoke = (name: string, argument: unknown): unknown => {
    const method: unknown = Reflect.get(engine, name)
    if (typeof method !== 'function') throw new Error(`The schema engine has no method ${name}`)
    return Reflect.apply(method, engine, [argument])
  }
  try {
    // These two find their shadow database only after a diagnosis by the same engine.
    if (method === 'evaluateDataLoss' || method === 'createMigration') {
      await invoke('devDiagnostic', { migrationsList: params.migrationsList, filters: params.filters })
    }
    return await invoke(renamed[method] ?? method, params)
  } catch (error) {
    const id = /External error id#(\d+)/.exec(text(error))?.[1]
    const cause = id === undefined ? undefined : adapter.errorRegistry.consumeError(Number(id))?.error
    throw cause === undefined ? error : new Error(`${text(error)} (${text(cause)})`, { cause: error })
  }
}

async function answer(line: string): Promise<void> {
  const request = requestSchema.safeParse(JSON.parse(line))
  if (!request.success) return
  const { id, method, params } = request.data
  try {
    if (method === 'createDatabase') return send({ id, result: { databaseName: new URL(url).pathname.slice(1) } })
    const result = await call(method, params)
    const printed = z.object({ stdout: z.string() }).safeParse(result)
    if (method === 'diff' && printed.success) send({ id: `print-${id}`, method: 'print', params: { content: printed.data.stdout } })
    send({ id, result: result ?? null })
  } catch (error) {
    send({ id, error: { code: 4466, message: 'schema engine error', data: { is_panic: false, message: text(error), error_code: null, meta: null } } })
  }
}

if (words[0] === 'cli') {
  process.exit(words[1] === 'can-connect-to-database' ? await canConnect() : 0)
}
let queue = Promise.resolve()
readline.createInterface({ input: process.stdin })
  .on('line', (line) => {
    queue = queue.then(() => answer(line))
  })
  .on('close', () => void queue.then(() => process.exit(0)))
