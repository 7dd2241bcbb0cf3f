import path from 'node:path'
import { root } from '../e2e/harness/program.ts'

/** The command line of a TypeScript program of the tests', for `lab.spawn` and `lab.exec`. */
export function tsProgram(folder: string, name: string, ...words: readonly (string | number)[]): string[] {
  return [process.execPath, '--import', path.join(root, 'node_modules/tsx/dist/esm/index.mjs'), path.join(folder, `${name}.ts`), ...words.map(String)]
}
