import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TestContext } from 'vitest'
import { root } from '../../e2e/harness/program.ts'

/** Something with a log: a client, an agent, the control plane. */
export interface Logged {
  readonly name: string
  log(): string
}

/** Writes the logs to .cache/interop/STORY/NAME.log when the test failed, and says where. For `afterEach((context) => keepLogs(context, …))`. */
export function keepLogs({ task }: Pick<TestContext, 'task'>, ...parts: readonly (Logged | undefined)[]): void {
  if (task.result?.state !== 'fail') return
  const folder = path.join(root, '.cache', 'interop', task.name.replace(/[^\p{L}\d]+/gu, '-').slice(0, 60))
  mkdirSync(folder, { recursive: true })
  for (const part of parts) if (part) writeFileSync(path.join(folder, `${part.name}.log`), part.log())
  console.log(`The logs of "${task.name}" are in ${folder}`)
}
