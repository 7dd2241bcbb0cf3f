import { z } from 'zod'

export interface EngineArguments {
  /** Schema files. */
  readonly datamodels: readonly string[]
  /** The database that the CLI works on; undefined: it gave none. */
  readonly url: string | undefined
  /** What is not an option: `cli can-connect-to-database` and the like. */
  readonly words: readonly string[]
}

const datasourceSchema = z.object({ url: z.string().optional() })

/** The native engine's command line: every option has a value, and those that do not matter here are passed over. */
export function readArguments(argv: readonly string[]): EngineArguments {
  const datamodels: string[] = []
  const words: string[] = []
  let url: string | undefined
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? ''
    if (!word.startsWith('--')) {
      words.push(word)
      continue
    }
    const value = argv[++at] ?? ''
    if (word === '--datamodels') datamodels.push(value)
    else if (word === '--datasource') url = datasourceSchema.parse(JSON.parse(value)).url
  }
  return { datamodels, url, words }
}
