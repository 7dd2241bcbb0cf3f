import { describe, expect, test } from 'vitest'
import { loginOutcome, loginQuestion, nameOf } from './login.ts'
import { safePath, signInPath } from './redirect.ts'
import { accountProblem, passwordHint, readSignIn } from './sign-in.ts'

test.each([
  ['/relays?show=on', '/relays?show=on'], ['/register/AbC_-', '/register/AbC_-'], [undefined, '/'], ['', '/'], ['https://example.com', '/'], ['//example.com', '/'],
  ['/\\example.com', '/'], ['/\t/example.com', '/'], ['/sign-in?next=/sign-in', '/'], ['/welcome?token=x', '/'],
])('after signing in, %s leads to %s', (next, path) => {
  expect(safePath(next)).toBe(path)
})

test.each([
  ['/relays/3?range=1h', '/sign-in?next=%2Frelays%2F3%3Frange%3D1h'], ['/machines?_rsc=1k2', '/sign-in?next=%2Fmachines'], ['/?_rsc=1k2', '/sign-in'],
  ['/', '/sign-in'], ['//example.com', '/sign-in'], [null, '/sign-in'],
])('nobody signed in who asks for %s is sent to %s', (asked, path) => {
  expect(signInPath(asked)).toBe(path)
})

describe('the answer to a sign-in', () => {
  test.each([
    [200, null, true, ''], [401, null, false, 'do not match'], [403, null, false, 'own address'], [429, '45', false, 'Wait 45 s'], [429, '600', false, 'Wait 10 min'],
    [429, null, false, 'Wait a minute'], [500, null, false, '(500)'], [503, null, false, 'in a moment'], [undefined, null, false, 'does not answer'],
  ])('%s, retry after %s', (status, retryAfter, ok, words) => {
    const answer = readSignIn(status, retryAfter)
    expect(answer.ok).toBe(ok)
    expect(answer.ok ? '' : answer.text).toContain(words)
  })

  test('only a wrong pair is the password’s fault', () => {
    expect([401, 429].map((status) => readSignIn(status, null))).toMatchObject([{ field: 'password' }, { field: 'form' }])
  })
})

test('an account needs a name, an e-mail and a long enough password, named one at a time', () => {
  const form = { name: 'Ann', email: 'ann@example.com', password: 'ten chars..' }
  expect(accountProblem(form)).toBeUndefined()
  expect(accountProblem({ ...form, name: ' ' })?.field).toBe('name')
  expect(accountProblem({ ...form, email: 'ann' })?.field).toBe('email')
  expect(accountProblem({ ...form, password: 'short' })?.text).toBe('At least 10 characters; these are 5.')
  expect([passwordHint(0), passwordHint(4)]).toEqual(['At least 10 characters.', 'At least 10 characters. 4 so far.'])
})

describe('a machine that asks to join', () => {
  const machine = {
    hostname: 'laptop', os: 'Debian 12', version: '1.102.3', ip: '198.51.100.7', sameAddress: false, askedAt: new Date(0), expiresAt: new Date(900_000), ephemeral: false,
    tags: [] as string[], refusedTags: [], returning: null, needsApproval: false,
  }

  test('is yours, or a tag’s, or what it was before', () => {
    const back = { ...machine, returning: { id: 3, name: 'work' } }
    expect([loginQuestion(machine, 'Home'), loginQuestion({ ...machine, tags: ['tag:ci'] }, 'Home'), loginQuestion(back, 'Home')]).toEqual([
      'It asks to join Home as yours.', 'It asks to join Home with tag:ci: then it belongs to no person.', 'It is your machine work with a new key. It keeps its name and addresses in Home.',
    ])
    expect([nameOf(machine), nameOf(back), nameOf({ ...machine, hostname: '' }), nameOf(null)]).toEqual(['laptop', 'work', 'The machine', 'The machine'])
  })

  test.each([
    [{ state: 'approved', machine, joined: { id: 1, name: 'laptop-1', authorized: true, another: false } }, 'laptop-1 is in', 'close this page'],
    [{ state: 'approved', machine, joined: { id: 1, name: 'laptop-1', authorized: false, another: false } }, 'laptop-1 is yours, and waits', 'An owner or admin'],
    [{ state: 'approved', machine, joined: { id: 1, name: 'laptop-1', authorized: true, another: true } }, 'laptop-1 is another person’s', 'Somebody else'],
    [{ state: 'approved', machine, joined: null }, 'laptop was let in', 'not in the network any more'],
    [{ state: 'refused', machine, joined: null }, 'laptop was refused', 'It was told'],
    [{ state: 'lapsed', machine, joined: null }, 'laptop asked too long ago', '15 minutes'],
    [{ state: 'unknown', machine: null, joined: null }, 'Nothing asks to join here', 'copied whole'],
  ] as const)('%#: its end is said', (login, title, text) => {
    expect(loginOutcome(login)).toEqual({ title, text: expect.stringContaining(text) })
  })
})
