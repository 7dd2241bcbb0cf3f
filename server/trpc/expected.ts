import type { z } from 'zod'

const types: Readonly<Record<string, string>> = {
  number: 'a number', int: 'a whole number', string: 'text', boolean: 'true or false', array: 'a list', object: 'an object', date: 'a time',
}

const formats: Readonly<Record<string, string>> = { email: 'an e-mail address', url: 'a URL', uuid: 'a UUID', datetime: 'a time' }

/** `3 characters` of text, `3 entries` of a list, `3` of a number. */
function amount(origin: string, size: number | bigint): string {
  if (origin === 'string') return `${size} ${size === 1 ? 'character' : 'characters'}`
  if (origin === 'array' || origin === 'set' || origin === 'map') return `${size} ${size === 1 ? 'entry' : 'entries'}`
  return String(size)
}

/** What the library says by itself of a value, in words for whoever sent it; a schema's own words stay. */
export function expectedOf(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too small|Too big|Unrecognized)\b/.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type': {
      const expected = `expected ${types[issue.expected] ?? issue.expected}`
      return issue.message.endsWith('received undefined') ? `missing, ${expected}` : expected
    }
    case 'too_small': return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${amount(issue.origin, issue.minimum)}`
    case 'too_big': return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${amount(issue.origin, issue.maximum)}`
    case 'invalid_value': return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'unrecognized_keys': return `unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys.join(', ')}`
    case 'invalid_format': return formats[issue.format] ? `expected ${formats[issue.format]}` : issue.message
    default: return issue.message
  }
}
