import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg'

const wasmFile = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm')

let loaded: Promise<void> | undefined

async function load(): Promise<void> {
  // Node 20 imports no .wasm file, so what the package's entry does is done here.
  const { instance } = await WebAssembly.instantiate(readFileSync(wasmFile), { './schema_engine_bg.js': { ...glue } })
  glue.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start !== 'function') throw new Error('The schema engine has no start function')
  start()
}

/** A fresh engine: after some calls an engine no longer finds its shadow database, so each call gets its own. */
export async function newEngine(datamodels: readonly string[], adapter: object): Promise<glue.SchemaEngine> {
  await (loaded ??= load())
  const models = datamodels.map((file): [string, string] => [file, readFileSync(file, 'utf8')])
  return glue.SchemaEngine.new({ datamodels: models.length > 0 ? models : undefined }, () => {}, adapter)
}
