import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy, type CompiledPolicy, formatBytes, parsePolicy, relayTerms, type RelayTerms, subjectOf } from './index.ts'
import { parseQuota } from './relay-amounts.ts'

const client = { id: 1, name: 'ann-laptop', addresses: ['100.64.1.1', 'fd7a:115c:a1e0::11'], tags: [], owner: 'ann@example.com' }
const relay = { id: 9, name: 'relay-1', addresses: ['100.64.1.9', 'fd7a:115c:a1e0::19'], tags: ['tag:relay'] }

type Values = readonly object[]

/** One grant a line, from line 2, all of which apply but those with another source. */
function compile(grants: readonly { readonly src?: string; readonly values: Values }[]): CompiledPolicy {
  const lines = grants.map(({ src = 'ann@example.com', values }) => JSON.stringify({ src: [src], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': values } }))
  const parsed = parsePolicy(`{"tagOwners": {"tag:relay": []}, "grants": [\n${lines.join(',\n')}\n]}`)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return compilePolicy(parsed.policy)
}

function terms(...grants: Values[]): RelayTerms | undefined {
  const compiled = compile(grants.map((values) => ({ values })))
  return relayTerms(compiled, subjectOf(compiled, client), subjectOf(compiled, relay))
}

/** Values and their lines alone. */
function brief(found: RelayTerms | undefined): Record<string, readonly [unknown, ...number[]]> | undefined {
  if (found === undefined) return undefined
  const { grants: _, ...members } = found
  return Object.fromEntries(Object.entries(members).map(([name, { value, lines }]) => [name, [value, ...lines.map(({ line }) => line)]]))
}

test.each<[string, Values[], Record<string, unknown>]>([
  ['an empty list limits nothing', [[]], { prefer: [0, 2] }],
  ['one element is as it says', [[{ maxSessions: 3, family: 'ipv4', quota: '1KiB/month', maxRate: '1.5mbit', prefer: -2 }]],
    { maxSessions: [3, 2], family: ['ipv4', 2], quota: [1024, 2], maxRate: [1_500_000, 2], prefer: [-2, 2] }],
  ['of a list the most generous', [[{ maxSessions: 3 }, { maxSessions: 5 }]], { maxSessions: [5, 2], prefer: [0, 2] }],
  ['absent in an element: no limit', [[{ maxSessions: 3 }, {}]], { prefer: [0, 2] }],
  ['of several grants the most generous, with its line', [[{ maxSessions: 3, prefer: 4 }], [{ maxSessions: 9, prefer: 1 }]], { maxSessions: [9, 3], prefer: [4, 2] }],
  ['both lines where both say the same', [[{ maxSessions: 3 }], [{ maxSessions: 3 }]], { maxSessions: [3, 2, 3], prefer: [0, 2, 3] }],
  ['absent in a grant: no limit', [[{ maxSessions: 3, quota: '1TB/month' }], []], { prefer: [0, 2, 3] }],
  ['each member by itself', [[{ maxSessions: 3, family: 'ipv6' }], [{ family: 'ipv6', maxRate: '1gbit' }]], { family: ['ipv6', 2, 3], prefer: [0, 2, 3] }],
  ['one family or the other is both', [[{ family: 'ipv6' }], [{ family: 'ipv4' }]], { prefer: [0, 2, 3] }],
  ['what is not known here is passed on and limits nothing', [[{ colour: 'blue' }]], { prefer: [0, 2] }],
])('%s', (_, grants, expected) => {
  expect(brief(terms(...grants))).toEqual(expected)
})

test('a grant for others does not count, and without one there are no terms', () => {
  const compiled = compile([{ src: 'bob@example.com', values: [{ maxSessions: 1 }] }, { values: [{ maxSessions: 7 }] }])
  const ends = (node: typeof client | typeof relay) => subjectOf(compiled, node)
  expect(relayTerms(compiled, ends(client), ends(relay))).toMatchObject({ maxSessions: { value: 7 }, grants: [{ grantIndex: 1, line: 3 }] })
  expect(relayTerms(compiled, ends(relay), ends(client))).toBeUndefined()
})

const keysOf = (grants: Parameters<typeof compile>[0]): string[] => {
  const compiled = compile(grants)
  return (relayTerms(compiled, subjectOf(compiled, client), subjectOf(compiled, relay))?.grants ?? []).map(({ key }) => key)
}

test('a grant keeps its key when its quota is raised and when others come before it', () => {
  const [key] = keysOf([{ values: [{ quota: '1TiB/month' }] }])
  expect(key).toMatch(/^[0-9a-f]{16}$/)
  expect(keysOf([{ src: 'bob@example.com', values: [] }, { values: [{ quota: '2TiB/month', maxSessions: 4 }] }])).toEqual([key])
  expect(keysOf([{ src: '*', values: [] }, { values: [] }])).toEqual([expect.not.stringMatching(key ?? ''), key])
  expect(keysOf([{ values: [] }, { values: [] }])).toEqual([key, `${key}-2`])
})

test.each([
  ['2TiB/month', 2 * 1024 ** 4], ['2 TB/month', 2e12], ['1.5KiB/month', 1536], ['0kB/month', 0], ['8PiB/month', undefined],
  ['2TiB', undefined], ['2tib/month', undefined], ['2KB/month', undefined], ['-1GB/month', undefined], ['2TiB/day', undefined], ['GB/month', undefined],
])('quota %s', (text, bytes) => {
  expect(parseQuota(text)).toBe(bytes)
})

test.each([[0, '0 B'], [1023, '1023 B'], [1024, '1 KiB'], [1.25 * 1024 ** 4, '1.2 TiB'], [2 * 1024 ** 4 - 1, '1.9 TiB'], [2e12, '2 TB'], [1500, '1.5 kB'], [2 * 1024 ** 4, '2 TiB'], [300 * 1024 ** 5, '300 PiB']])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('what was used is told in the units of its quota', () => {
  expect([formatBytes(1.25e12, 2e12), formatBytes(1.25e12, 2 * 1024 ** 4)]).toEqual(['1.2 TB', '1.1 TiB'])
})

const anyValue = fc.record({
  maxSessions: fc.integer({ min: 1, max: 4 }), family: fc.constantFrom('ipv4', 'ipv6'), quota: fc.constantFrom('1GB/month', '1GiB/month', '2GB/month'),
  maxRate: fc.constantFrom('1mbit', '2mbit'), prefer: fc.integer({ min: -2, max: 2 }),
}, { requiredKeys: [] })
const anyGrants = fc.array(fc.array(anyValue, { maxLength: 3 }), { minLength: 1, maxLength: 4 })

const limits = ['maxSessions', 'quota', 'maxRate', 'prefer'] as const

test('the order of grants and of their elements does not matter', () => {
  fc.assert(fc.property(anyGrants.chain((grants) => fc.tuple(fc.constant(grants), fc.shuffledSubarray(grants, { minLength: grants.length }))), ([grants, shuffled]) => {
    const values = (found: RelayTerms | undefined) => [...limits, 'family' as const].map((name) => found?.[name]?.value)
    expect(values(terms(...shuffled.map((list) => list.toReversed())))).toEqual(values(terms(...grants)))
  }))
})

test('one more grant never leaves less', () => {
  fc.assert(fc.property(anyGrants, fc.array(anyValue, { maxLength: 3 }), (grants, more) => {
    const [few, many] = [terms(...grants), terms(...grants, more)]
    for (const name of limits) expect(many?.[name]?.value ?? Infinity).toBeGreaterThanOrEqual(few?.[name]?.value ?? Infinity)
    expect([undefined, few?.family?.value]).toContain(many?.family?.value)
  }))
})
