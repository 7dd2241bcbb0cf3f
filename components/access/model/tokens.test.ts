import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawnLines } from './tokens.ts'

test('keys, strings, comments and values are told apart', () => {
  const [first, second] = drawnLines('{"src" : ["*"], // all\n "n": 10}', [])
  expect(first?.filter(({ kind }) => kind !== 'punctuation' && kind !== 'space')).toEqual([
    { text: '"src"', kind: 'key' }, { text: '"*"', kind: 'string' }, { text: '// all', kind: 'comment' },
  ])
  expect(second?.filter(({ kind }) => kind === 'key' || kind === 'value')).toEqual([{ text: '"n"', kind: 'key' }, { text: '10', kind: 'value' }])
})

test('a mark cuts runs at its edges, and an error covers a warning', () => {
  const text = '["tag:relays"]'
  const [line] = drawnLines(text, [{ from: 1, to: 13, severity: 'warning' }, { from: 1, to: 13, severity: 'error' }])
  expect(line).toEqual([
    { text: '[', kind: 'punctuation' }, { text: '"tag:relays"', kind: 'string', mark: 'error' }, { text: ']', kind: 'punctuation' },
  ])
})

test('a mark without width still shows', () => {
  expect(drawnLines('{"a" 1}', [{ from: 5, to: 5, severity: 'error' }])[0]?.some(({ mark }) => mark === 'error')).toBe(true)
  expect(drawnLines('{', [{ from: 0, to: 0, severity: 'error' }])[0]).toEqual([{ text: '{', kind: 'punctuation', mark: 'error' }])
})

test('whatever is typed, the drawn lines are the text', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '\n', '// x', '/* y', '*/', ' ', 'tag:a', '1', 'é', '\u{1F6A2}')
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(60), fc.nat(20), (pieces, from, length) => {
    const text = pieces.join('')
    const drawn = drawnLines(text, [{ from, to: from + length, severity: 'warning' }])
    expect(drawn.map((line) => line.map((run) => run.text).join('')).join('\n')).toBe(text)
  }))
})
