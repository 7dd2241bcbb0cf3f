import { expect, test } from 'vitest'
import { npmRun } from './commands.ts'

test.each([
  [npmRun('owner-link', ''), 'npm run owner-link'],
  [npmRun('owner-link', '--data /srv/towpath'), 'npm run owner-link -- --data /srv/towpath'],
  [npmRun('simulate', '', '--pairs 2'), 'npm run simulate -- --pairs 2'],
  [npmRun('simulate', '--data /srv/towpath', '--pairs 2'), 'npm run simulate -- --data /srv/towpath --pairs 2'],
])('%s', (command, expected) => {
  expect(command).toBe(expected)
})
