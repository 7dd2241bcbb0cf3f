import { expect, test } from 'vitest'
import { z } from 'zod'
import { expectedOf } from './expected.ts'

test.each([
  [z.number(), Number.NaN, 'expected a number'],
  [z.number(), '1', 'expected a number'],
  [z.number().int(), 1.5, 'expected a whole number'],
  [z.number().int(), undefined, 'missing, expected a number'],
  [z.number().positive(), 0, 'expected more than 0'],
  [z.number().max(10), 11, 'expected at most 10'],
  [z.string().min(1), '', 'expected at least 1 character'],
  [z.array(z.string()).max(2), ['', '', ''], 'expected at most 2 entries'],
  [z.enum(['15m', '1h']), '2h', 'expected one of 15m, 1h'],
  [z.literal([true, false]), 'true', 'expected one of true, false'],
  [z.strictObject({}), { tag: 1 }, 'unknown field tag'],
  [z.email(), 'ann', 'expected an e-mail address'],
  [z.number().max(65_535, 'a port is 1 to 65535'), 70_000, 'a port is 1 to 65535'],
])('%#: what is expected, in words', (schema, value, words) => {
  expect(schema.safeParse(value).error?.issues.map(expectedOf)).toEqual([words])
})
