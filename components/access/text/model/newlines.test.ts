import { expect, test } from 'vitest'
import { fromEditorText, toEditorOffset, toEditorText } from './newlines.ts'

test('line breaks of Windows stay what they are, and offsets are those of the editor', () => {
  const text = '{\r\n  "a": 1\r\n}\r\n'
  expect(toEditorText(text)).toBe('{\n  "a": 1\n}\n')
  expect(fromEditorText(`${toEditorText(text)}// more\n`, text)).toBe(`${text}// more\r\n`)
  const at = text.indexOf('"a"')
  expect(toEditorText(text).slice(toEditorOffset(text, at))).toMatch(/^"a"/)
})

test('others are untouched', () => {
  expect([toEditorText('a\nb'), fromEditorText('a\nb', 'x\ny'), toEditorOffset('a\nb', 2)]).toEqual(['a\nb', 'a\nb', 2])
  expect(toEditorText('a\rb')).toBe('a\nb')
})
