import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { agentVersion } from './version.ts'

test('the agent says the version of the package that it is built from', () => {
  expect(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).toMatchObject({ version: agentVersion })
})
