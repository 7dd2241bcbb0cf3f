import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { comparePolicies, compareVectors } from './run.ts'

const recorded = path.resolve(import.meta.dirname, '../../../shared/spec/vectors')

function folder(files: Record<string, string>): string {
  const made = mkdtempSync(path.join(tmpdir(), 'towpath-vectors-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(made, name), text)
  return made
}

test('a case that differs is named with what was got', () => {
  const netip = { addrPorts: [{ text: '192.0.2.1:256', wire: '00000000000000000000ffffc00002010101', asRead: '192.0.2.1:257' }] }
  const { lines, differing } = compareVectors(folder({ 'netip.json': JSON.stringify(netip), 'unknown.json': '{}' }))
  expect(lines[0]).toBe('netip.json: 1 of 2 agree')
  expect(lines[1]).toMatch(/differs: 192\.0\.2\.1:256 to the wire: got .*c00002010100, recorded .*c00002010101$/)
  expect(lines[2]).toBe('unknown.json: no codec yet, not counted')
  expect(lines[3]).toBe('1 of 2 agree')
  expect(differing).toBe(1)
})

test('a file in another form, an empty one and a missing folder are faults', () => {
  expect(compareVectors(folder({ 'stun.json': '{"requests":1}' })).differing).toBe(1)
  expect(compareVectors(folder({ 'netip.json': '{"addrPorts":[]}' })).differing).toBe(1)
  expect(() => compareVectors(folder({}))).toThrow(/no .json file/)
  expect(() => compareVectors(folder({ 'unknown.json': '{}' }))).toThrow(/none of its .json files holds vectors that are known here/)
  expect(() => compareVectors('/nowhere')).toThrow(/not a folder/)
})

test.skipIf(!existsSync(recorded))('agrees with the recorded vectors beside the checkout (skipped where there are none)', () => {
  const { differing, agreed, lines } = compareVectors(recorded)
  expect(lines.filter((line) => line.includes('differs:'))).toEqual([])
  expect(differing).toBe(0)
  expect(agreed).toBeGreaterThan(800)
})

test('policies are compared whatever their files are called, each case by its own fields', () => {
  const taken = { id: 'taken', policy: { grants: [] }, nodes: {}, status: 200 }
  const refused = { id: 'refused', policy: { grants: [{}] }, nodes: {}, status: 200 }
  const { lines, differing, agreed } = comparePolicies(folder({ 'a.json': JSON.stringify([taken, refused]), 'b.json': JSON.stringify(taken), 'c.json': '[]', 'd.json': '{' }))
  expect(lines.map((line) => line.slice(0, 60))).toEqual([
    'a.json: 1 of 2 agree', expect.stringMatching(/^ {2}differs: refused: recorded as accepted, refused here: /), 'b.json: 1 of 1 agree',
    'c.json: 0 of 1 agree', '  differs: c.json: no case in it', 'd.json: 0 of 1 agree', expect.stringMatching(/^ {2}differs: d\.json: not in the vectors’ form: /), '2 of 5 agree',
  ])
  expect([differing, agreed]).toEqual([3, 2])
  expect(() => comparePolicies('/nowhere')).toThrow(/not a folder/)
})

test.skipIf(!existsSync(path.join(recorded, 'policy')))('agrees with the recorded policies beside the checkout, but for the one that cannot be met (skipped where there are none)', () => {
  const { differing, agreed, counted, lines } = comparePolicies(path.join(recorded, 'policy'))
  expect(lines.filter((line) => line.includes('differs:'))).toEqual([])
  expect([differing, counted - agreed]).toEqual([0, 1])
})
