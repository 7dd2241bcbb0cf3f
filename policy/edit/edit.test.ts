import { expect, test } from 'vitest'
import { applyEdit, type PolicyEdit } from './edit.ts'
import { definitionsOf, entriesOf } from './read.ts'

const policy = `{
  // Who is who.
  "groups": {},
  "tagOwners": {"tag:relay": ["autogroup:admin"], "tag:web": ["group:ops"]},

  "grants": [
    // ---- relays ----

    // Everybody, for now.
    {"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},

    // The web.
    {
      "src": [
        "ann@example.com", // until May
        "group:ops",
      ],
      "dst": ["tag:web"], // only these
      "ip": ["tcp:443"],
    },
  ],
  "tests": [{"src": "group:ops", "accept": ["tag:web:443"]}],
}
`

function edited(edit: PolicyEdit, text = policy): string {
  const result = applyEdit(text, edit)
  return result.ok ? result.value : `refused: ${result.reason}`
}

test('one element of a list changes; the others and their comments stay', () => {
  const after = edited({ kind: 'set', list: 'grants', index: 1, members: { src: ['ann@example.com', 'group:web', 'tag:ci'] } })
  expect(after).toBe(policy.replace('"group:ops",\n      ]', '"group:web",\n        "tag:ci",\n      ]'))
})

test('a member is added in its place, and taken away again', () => {
  const via = edited({ kind: 'set', list: 'grants', index: 1, members: { via: ['tag:web'] } })
  expect(via).toBe(policy.replace('"ip": ["tcp:443"],\n', '"ip": ["tcp:443"],\n      "via": ["tag:web"],\n'))
  expect(edited({ kind: 'set', list: 'grants', index: 1, members: { via: null } }, via)).toBe(policy)
})

test('a grant on one line stays on one while it fits, and is broken at its members when it does not', () => {
  expect(edited({ kind: 'set', list: 'grants', index: 0, members: { app: { 'tailscale.com/cap/relay': [{ prefer: 10 }] } } }))
    .toBe(policy.replace('[{}]', '[{"prefer": 10}]'))
  const people = ['ann@example.com', 'bea@example.com', 'cyd@example.com']
  expect(edited({ kind: 'set', list: 'grants', index: 0, members: { src: people } })).toContain(`    // Everybody, for now.
    {
      "src": ["ann@example.com", "bea@example.com", "cyd@example.com"],
      "dst": ["tag:relay"],
      "app": {"tailscale.com/cap/relay": [{}]},
    },

    // The web.`)
})

test('a new grant is written as its neighbour is, with a blank line where the others have one', () => {
  const value = { src: ['tag:ci'], dst: ['*'], ip: ['22'] }
  expect(edited({ kind: 'add', list: 'grants', at: 1, value, comment: 'CI.' })).toBe(policy.replace('    // The web.', '    // CI.\n    {"src": ["tag:ci"], "dst": ["*"], "ip": ["22"]},\n\n    // The web.'))
  expect(edited({ kind: 'add', list: 'grants', value })).toBe(policy.replace('    },\n  ],', `    },

    {
      "src": ["tag:ci"],
      "dst": ["*"],
      "ip": ["22"],
    },
  ],`))
})

test('a removed grant takes its own comments; a heading above them stays', () => {
  expect(edited({ kind: 'remove', list: 'grants', index: 0 })).toBe(policy.replace(/ {4}\/\/ Everybody[^]*?\n\n/, ''))
})

test('grants change places with their comments', () => {
  const moved = edited({ kind: 'move', list: 'grants', index: 1, to: 0 })
  expect(moved.indexOf('// The web.')).toBeGreaterThan(moved.indexOf('// ---- relays ----'))
  expect(moved.indexOf('// The web.')).toBeLessThan(moved.indexOf('// Everybody'))
  expect(edited({ kind: 'move', list: 'grants', index: 0, to: 1 }, moved)).toBe(policy)
})

test('without "grants", an empty list or only acls: the list is made', () => {
  const value = { src: ['*'], dst: ['*'], ip: ['*'] }
  expect(edited({ kind: 'add', list: 'grants', value }, '{}')).toBe('{\n  "grants": [\n    {"src": ["*"], "dst": ["*"], "ip": ["*"]},\n  ],\n}')
  expect(edited({ kind: 'add', list: 'grants', value }, '{"grants": []}')).toBe('{"grants": [\n  {"src": ["*"], "dst": ["*"], "ip": ["*"]},\n]}')
  expect(edited({ kind: 'add', list: 'grants', value }, '{\n\t"ACLs": []\n}\n')).toBe('{\n\t"ACLs": [],\n\t"grants": [\n\t\t{"src": ["*"], "dst": ["*"], "ip": ["*"]}\n\t]\n}\n')
})

test('names: defined, renamed wherever they stand, taken away', () => {
  const named = edited({ kind: 'define', of: 'groups', name: 'group:ops', value: ['ann@example.com'], comment: 'On call.' })
  expect(named).toBe(policy.replace('"groups": {}', '"groups": {\n    // On call.\n    "group:ops": ["ann@example.com"],\n  }'))
  expect(definitionsOf(named, 'groups')).toMatchObject([{ name: 'group:ops', value: ['ann@example.com'], comment: 'On call.' }])
  expect(edited({ kind: 'rename', of: 'groups', name: 'group:ops', to: 'group:run' }, named)).toBe(named.replaceAll('group:ops', 'group:run'))
  expect(edited({ kind: 'undefine', of: 'groups', name: 'group:ops' }, named)).toBe(policy)
  expect(edited({ kind: 'rename', of: 'tagOwners', name: 'tag:web', to: 'tag:www' })).toBe(policy.replaceAll('tag:web', 'tag:www'))
})

test('a host renamed where ports follow it and in IP sets; what only looks like it stays', () => {
  const text = '{"hosts": {"db": "192.0.2.1"}, "ipsets": {"ipset:x": ["add db", "remove host:db", "dbx"]}, "acls": [{"action": "accept", "src": ["db"], "dst": ["db:22", "dbx:db"]}]}'
  expect(edited({ kind: 'rename', of: 'hosts', name: 'db', to: 'base' }, text))
    .toBe('{"hosts": {"base": "192.0.2.1"}, "ipsets": {"ipset:x": ["add base", "remove host:base", "dbx"]}, "acls": [{"action": "accept", "src": ["base"], "dst": ["base:22", "dbx:db"]}]}')
})

test('old names and other cases of keys are kept', () => {
  const text = '{"acls": [{"action": "accept", "Users": ["*"], "ports": ["*:*"]}]}'
  expect(edited({ kind: 'set', list: 'acls', index: 0, members: { src: ['tag:a'], dst: ['tag:b:22'] } }, text))
    .toBe('{"acls": [{"action": "accept", "Users": ["tag:a"], "ports": ["tag:b:22"]}]}')
})

test('entries are read with their comments', () => {
  expect(entriesOf(policy, 'grants').map(({ comment }) => comment)).toEqual(['Everybody, for now.', 'The web.'])
  expect(entriesOf('{"tests": [/* one */ {"src": "a"}, // not mine\n  // two\n  // lines\n  {}]}', 'tests').map(({ comment }) => comment)).toEqual(['one', 'two\nlines'])
})

test('what cannot be edited is refused with a reason', () => {
  const edit: PolicyEdit = { kind: 'remove', list: 'grants', index: 9 }
  expect(edited(edit)).toBe('refused: This entry is not in the text any more.')
  expect(edited(edit, '{"grants": [')).toBe('refused: The text has an error that hides its structure: correct it first.')
  expect(edited({ kind: 'add', list: 'grants', value: {} }, '{"grants": {}}')).toBe('refused: "grants" must be a list.')
  expect(edited({ kind: 'rename', of: 'tagOwners', name: 'tag:web', to: 'tag:relay' })).toBe('refused: "tag:relay" is there already.')
})
