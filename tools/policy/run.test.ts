import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runPolicy } from './run.ts'

const policy = `{
  "tagOwners": {"tag:relay": ["autogroup:admin"], "tag:web": ["autogroup:admin"]},
  "grants": [
    {"src": ["ann@example.com"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{"maxSessions": 20}]}},
    {"src": ["ann@example.com"], "dst": ["tag:web"], "ip": ["tcp:443", "80-90"]}, // the site
  ],
  "nodeAttrs": [{"target": ["tag:web"], "attr": ["nextdns:abc123"]}],
  "tests": [{"src": "ann@example.com", "accept": ["tag:web:443"], "deny": ["tag:web:22"]}],
}
`
const network = JSON.stringify({
  people: [{ email: 'ann@example.com', role: 'owner' }],
  nodes: [
    { name: 'ann-1', owner: 'ann@example.com', addresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'] },
    { name: 'web-1', tags: ['tag:web'], addresses: ['100.64.0.2', 'fd7a:115c:a1e0::2'] },
    { name: 'lock-1', tags: ['tag:relay'], addresses: ['100.64.0.9', 'fd7a:115c:a1e0::9'], relay: true },
  ],
})

function run(command: string, text = policy, net = network) {
  const files: Readonly<Record<string, string>> = { 'p.hujson': text, 'n.json': net }
  const [name = '', ...rest] = command.split(' ')
  return runPolicy([name, 'p.hujson', '--network', 'n.json', ...rest], (file) => {
    const found = files[file]
    if (found === undefined) throw new Error(`${file}: no such file`)
    return found
  })
}
const json = (command: string, text?: string): unknown => JSON.parse(run(`${command} --json`, text).out.join('\n'))

test('compile says what each machine would be sent', () => {
  const { out, err, code } = run('compile')
  expect({ err, code }).toEqual({ err: [], code: 0 })
  expect(out).toEqual([
    'ann-1',
    '  lets in 100.64.0.9, fd7a:115c:a1e0::9 → tailscale.com/cap/relay-target at 100.64.0.1/32, fd7a:115c:a1e0::1/128',
    '  sees: web-1, lock-1',
    '  may use as relay: lock-1 (line 4)',
    'web-1',
    '  lets in 100.64.0.1, fd7a:115c:a1e0::1 → 100.64.0.2 80-90',
    '  lets in 100.64.0.1, fd7a:115c:a1e0::1 → fd7a:115c:a1e0::2 80-90',
    '  lets in 100.64.0.1, fd7a:115c:a1e0::1 → 100.64.0.2 tcp:443',
    '  lets in 100.64.0.1, fd7a:115c:a1e0::1 → fd7a:115c:a1e0::2 tcp:443',
    '  sees: ann-1',
    '  attributes: nextdns:abc123',
    'lock-1',
    '  lets in 100.64.0.1, fd7a:115c:a1e0::1 → tailscale.com/cap/relay [{"maxSessions":20}] at 100.64.0.9/32, fd7a:115c:a1e0::9/128',
    '  sees: ann-1',
    '  may relay for: ann-1 (line 4)',
  ])
  expect(run('compile --node LOCK-1').out[0]).toBe('lock-1')
  expect(run('compile --node 100.64.0.2').out[0]).toBe('web-1')
  expect(json('compile --node lock-1')).toMatchObject({ ok: true, problems: [], nodes: [{ name: 'lock-1', peers: ['ann-1'], relays: [], serves: [{ name: 'ann-1', lines: [4] }] }] })
  expect(run('compile', '{"grants": []}').out).toContain('  lets nobody in')
})

test('a policy with errors is told by place, whatever was asked for', () => {
  const wrong = policy.replace('"tag:web"], "ip"', '"tag:wbe"], "ip"')
  for (const command of ['compile', 'test', 'lint', 'explain --from ann-1 --to web-1']) {
    const { out, err, code } = run(command, wrong)
    expect({ out, code }).toEqual({ out: [], code: 1 })
    expect(err.join('\n')).toMatch(/^p\.hujson:5:42: error: .*"tag:wbe"/)
  }
  expect(json('test', wrong)).toMatchObject({ ok: false, problems: [{ file: 'p.hujson', line: 5, column: 42, severity: 'error' }] })
})

test('a test that does not hold is a failure with its line', () => {
  expect(run('test')).toEqual({ out: ['2 of 2 tests hold'], err: [], code: 0 })
  expect(run('test', policy.replace('tag:web:22', 'tag:web:85'))).toEqual({
    out: ['1 of 2 tests hold'], code: 1,
    err: ['p.hujson:8:76: error: the test of ann@example.com to tag:web:85 expects deny: ann-1 may reach tag:web:85 by line 5.'],
  })
  expect(json('test')).toMatchObject({ ok: true, tests: [{ target: 'tag:web:443', expected: 'accept', passed: true, lines: [5] }, { target: 'tag:web:22', passed: true }] })
  expect(run('test', '{}')).toMatchObject({ out: [expect.stringMatching(/^no tests/)], code: 0 })
})

test('lint warns, and fails only when it shall', () => {
  const sloppy = policy.replace('"src": ["ann@example.com"], "dst": ["tag:web"]', '"src": ["who@example.com"], "dst": ["tag:web"]').replace(/ {2}"tests".*\n/, '')
  const { out, err, code } = run('lint', sloppy)
  expect(err.join('\n')).toMatch(/^p\.hujson:5:14: warning: .*who@example\.com/m)
  expect({ out, code }).toEqual({ out: [`${err.length} ${err.length === 1 ? 'warning' : 'warnings'}`], code: 0 })
  expect(run('lint --strict', sloppy).code).toBe(1)
  expect(json('lint', sloppy)).toMatchObject({ ok: true, problems: expect.arrayContaining([expect.objectContaining({ code: expect.any(String), line: 5 })]) })
})

test('explain answers by its exit code, and names the line', () => {
  expect(run('explain --from ann-1 --relay lock-1')).toMatchObject({ out: [expect.stringContaining('ann-1 may use lock-1'), 'p.hujson:4'], code: 0 })
  expect(run('explain --from web-1 --relay lock-1')).toMatchObject({ out: [expect.stringContaining('No grant lets web-1 use lock-1'), 'p.hujson:4'], code: 1 })
  expect(run('explain --from ann-1 --to web-1').code).toBe(0)
  expect(run('explain --from web-1 --to ann-1').code).toBe(1)
  expect(json('explain --from ann-1 --relay lock-1')).toMatchObject({ ok: true, allowed: true, line: 4 })
  expect(run('explain --from nobody --to web-1')).toEqual({ out: [], err: ['no machine in the network is called "nobody" or has that address'], code: 2 })
})

test('wrong usage and files that cannot be read end with 2', () => {
  const wrong = (...args: string[]) => runPolicy(args, (file) => { throw new Error(`${file}: no such file`) })
  for (const [args, says] of [
    [[], 'a command is missing'], [['build'], '"build" is no command'], [['test'], 'file is missing'], [['test', 'a', 'b'], '"b" is too many'],
    [['test', 'a'], '--network NETWORK.json is missing'], [['test', 'a', '--network', 'n', '--node', 'x'], '--node is not for test'],
    [['explain', 'a', '--network', 'n', '--from', 'x'], 'either --relay MACHINE or --to MACHINE'],
    [['explain', 'a', '--network', 'n', '--from', 'x', '--to', 'y', '--relay', 'z'], 'either --relay'], [['explain', 'a', '--network', 'n', '--to', 'y'], '--from MACHINE'],
    [['test', 'a', '--colour'], '--colour'], [['test', 'a', '--network', 'n'], 'a: no such file'],
  ] as const) {
    const { out, err, code } = wrong(...args)
    expect({ out, code }).toEqual({ out: [], code: 2 })
    expect(err.join()).toContain(says)
  }
  expect(wrong('--help')).toMatchObject({ code: 0, err: [], out: [expect.stringContaining('Exit codes')] })
  expect(run('test', policy, '{"people": [], "nodes": [{"name": "x"}]}')).toMatchObject({ code: 2, err: [expect.stringMatching(/^n\.json: nodes\.0\.addresses: /)] })
})

test('the program itself: files from where the person stands, a policy from standard input', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-policy-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'n.json'), network)
  const root = path.resolve(import.meta.dirname, '../..')
  const started = spawnSync(process.execPath, ['--import', 'tsx', 'tools/policy/main.ts', 'test', '-', '--network', 'n.json'], {
    cwd: root, env: { ...process.env, INIT_CWD: folder }, input: policy.replace('tag:web:22', 'tag:web:85'), encoding: 'utf8',
  })
  expect(started).toMatchObject({ status: 1, stdout: '1 of 2 tests hold\n', stderr: expect.stringMatching(/^-:8:76: error: /) })
  const missing = spawnSync(process.execPath, ['--import', 'tsx', 'tools/policy/main.ts', 'test', 'nix.hujson', '--network', 'n.json'], { cwd: root, env: { ...process.env, INIT_CWD: folder }, encoding: 'utf8' })
  expect(missing).toMatchObject({ status: 2, stdout: '', stderr: 'nix.hujson: no such file\n' })
})
