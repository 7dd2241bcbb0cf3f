import { describe, expect, test } from 'vitest'
import { parsePolicy } from '../parse.ts'

const maxBytes = 1 << 20

/** A document just under the limit: `part` as often as it fits. */
function full(head: string, part: (i: number) => string, tail: string): string {
  const parts: string[] = []
  for (let i = 0, left = maxBytes - 1 - head.length - tail.length; ; i++) {
    const next = part(i)
    left -= next.length
    if (left < 0) return head + parts.join('') + tail
    parts.push(next)
  }
}

/** Milliseconds of processor time, of the best of three: what else the machine does is not in it, nor the compiling of the code. */
function timeOf(text: string): number {
  let best = Infinity
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage()
    parsePolicy(text)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

describe('what is refused is refused in under 100 ms, with its place (spec/policy.md §1)', () => {
  test.each([
    ['1 MiB', `{}${' '.repeat(maxBytes)}`, [1, 1], 'larger than 1 MiB'],
    ['10,000 lists', '['.repeat(10_000), [1, 101], 'nested more than 100 deep'],
    ['10,000 objects', '{"a":'.repeat(10_000), [1, 501], 'nested more than 100 deep'],
    ['a million lists', '['.repeat(maxBytes - 1), [1, 101], 'nested more than 100 deep'],
    ['duplicate keys', full('{"groups":\n{', () => '"group:a":[],', '}}'), [2, 15], 'occurs twice'],
    ['duplicate keys in another case', full('{', (i) => `"${i % 2 === 0 ? 'g' : 'G'}rants":[],\n`, '}'), [3, 1], 'occurs twice'],
    ['control characters', `{"a":\n"${'\u0007'.repeat(maxBytes - 20)}"}`, [2, 2], 'U+0007 is a control character'],
    ['direction marks', `{}\n//${'\u202e'.repeat(340_000)}`, [2, 3], 'U+202E is a direction mark'],
    ['half characters', `{}\n//${'\ud800'.repeat(340_000)}`, [2, 3], 'U+D800 is half a character'],
    ['an open string', `{\n"${'a'.repeat(maxBytes - 10)}`, [2, 1], 'not closed'],
    ['an open comment', `{}\n/*${' *'.repeat(500_000)}`, [2, 1], 'not closed'],
    ['commas', `[\n${','.repeat(maxBytes - 3)}`, [2, 1], 'A value is expected'],
    ['brackets around nothing', `{"acls": [{"action": "accept", "src": ["*"],\n"dst": ["[${'a:'.repeat(500_000)}:1"]}]}`, [2, 9], 'only an IPv6 address'],
  ] as const)('%s', (_, text, [line, column], message) => {
    const { ok, problems } = parsePolicy(text)
    expect({ ok, line: problems[0]?.line, column: problems[0]?.column }).toEqual({ ok: false, line, column })
    expect(problems[0]?.message).toContain(message)
    expect(timeOf(text)).toBeLessThan(100)
  })
})

describe('no document takes long, or much', () => {
  test.each([
    ['unknown keys', full('{', (i) => `"key${i}":1,`, '}')],
    ['names that are near many', full(`{"groups":{${Array.from({ length: 20_000 }, (_, i) => `"group:abcdefgh${i}":[]`).join(',')}},"grants":[{"src":[`, (i) => `"group:xbcdefgh${i}",`, ']}]}')],
    ['one IP set of many steps', full('{"ipsets":{"ipset:a":[', (i) => (i % 2 === 0 ? `"add 10.${i >> 13}.${(i >> 5) & 255}.0/24",` : `"remove 10.${i >> 13}.${(i >> 5) & 255}.${i & 255}",`), ']}}')],
    ['a chain of IP sets', full('{"ipsets":{', (i) => `"ipset:${i}":["ipset:${i + 1}"],`, '"ipset:x":[]}}')],
    ['IP sets in one another, each twice', full('{"ipsets":{"ipset:0":["10.0.0.1"]', (i) => `,"ipset:${i + 1}":["ipset:${i}","ipset:${i}","10.${i >> 14}.${(i >> 6) & 255}.${(i << 2) & 255}"]`, '}}')],
  ])('%s', (_, text) => {
    expect(timeOf(text)).toBeLessThan(2000)
  })

  test('a long selector is not repeated whole', () => {
    const { problems } = parsePolicy(`{"grants": [{"src": ["${'a'.repeat(100_000)}"], "dst": [], "ip": ["*"]}]}`)
    expect(problems[0]?.message.length).toBeLessThan(500)
    expect(problems[0]?.message).toContain('neither an address nor a person')
  })

  test('errors beyond those listed are counted, and hide no warning', () => {
    const { problems } = parsePolicy(`{"grants": [${'{"src": [], "dst": []},'.repeat(250)}], "ssh": []}`)
    expect(problems.filter(({ severity }) => severity === 'warning')).toHaveLength(1)
    expect(problems).toHaveLength(202)
    expect(problems.at(-1)).toMatchObject({ code: 'limit', message: '50 more errors are not listed.' })
  })
})

describe('limits', () => {
  test('10,000 rules of both lists together', () => {
    const rules = (grants: number, acls: number): string => `{"grants": [${'{"src":[],"dst":[],"ip":["*"]},'.repeat(grants)}], "acls": [${'{"action":"accept","src":[],"dst":[]},'.repeat(acls)}]}`
    expect(parsePolicy(rules(5000, 5000)).ok).toBe(true)
    expect(parsePolicy(rules(5000, 5001)).problems).toMatchObject([{ code: 'limit', message: 'There are more than 10000 rules, which is the limit.' }])
  })

  test('100,000 selectors, wherever they stand', () => {
    const text = (members: number): string => `{"groups": {"group:a": [${'"a@b",'.repeat(50_000)}]}, "grants": [{"src": [${'"a@b",'.repeat(members)}], "dst": [], "ip": ["*"]}]}`
    expect(parsePolicy(text(50_000)).ok).toBe(true)
    expect(parsePolicy(text(50_001)).problems).toMatchObject([{ code: 'limit', message: 'There are more than 100000 selectors, which is the limit.' }])
  })
})

test('a thousand grants are read in under 50 ms', () => {
  const list = (length: number, of: (i: number) => unknown): unknown[] => Array.from({ length }, (_, i) => of(i))
  const text = JSON.stringify({
    groups: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`group:g${i}`, list(10, (j) => `p${i * 3 + j}@example.com`)])),
    tagOwners: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`tag:t${i}`, ['autogroup:admin']])),
    grants: list(1000, (i) => ({ src: [`group:g${i % 60}`, `p${i % 200}@example.com`], dst: [`tag:t${i % 40}`, `10.${i % 200}.0.0/16`], ip: ['tcp:443', 'udp:53'] })),
  }, null, 1)
  expect(parsePolicy(text)).toMatchObject({ ok: true, problems: [] })
  expect(timeOf(text)).toBeLessThan(50)
})
