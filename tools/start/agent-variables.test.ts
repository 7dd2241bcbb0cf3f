import { expect, test } from 'vitest'
import { agentVariables } from './agent-variables.ts'

test('the agent does not get the database’s password', () => {
  expect(agentVariables({ PATH: '/bin', DATABASE_URL: 'postgresql://towpath:secret@db/towpath' })).toEqual({ PATH: '/bin' })
})
