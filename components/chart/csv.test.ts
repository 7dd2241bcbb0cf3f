import { expect, test } from 'vitest'
import { toCsv } from './csv.ts'

test('a row per line, what is unknown empty, names that look like formulas made harmless', () => {
  const rows = [{ name: 'a,"b"', rate: 1.5 }, { name: '=cmd', rate: null }]
  expect(toCsv(rows, [{ name: 'name', value: (row) => row.name }, { name: 'rate', value: (row) => row.rate }])).toBe('name,rate\r\n"a,""b""",1.5\r\n\'=cmd,\r\n')
})
