import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DataFolder, writeAtomically } from '../config.ts'
import { takeLock } from '../lock.ts'
import { readCommand } from './arguments.ts'
import { unitOf } from './restart.ts'
import { set } from './set.ts'

function dataFolder() {
  const path = mkdtempSync(join(tmpdir(), 'towpath-agent-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  const said = (...words: string[]): string => {
    const command = readCommand(['set', '--data', path, ...words])
    if (command.name !== 'set') throw new Error(command.name)
    return set(command)
  }
  return { path, folder: new DataFolder(path), said }
}

test('each is kept until it is taken back, and the line says all that is set', () => {
  const { folder, said } = dataFolder()
  expect(said('--data-plane', 'batched', '--workers', '1')).toBe("At the agent's next start: data plane batched, 1 worker")
  expect(said('--session-rate', '1.5mbit', '--workers=2')).toBe("At the agent's next start: data plane batched, 2 workers, session rate 1.5 Mbit/s")
  expect(folder.forwarding()).toEqual({ dataPlane: 'batched', workers: 2, sessionRate: 1_500_000 })
  expect(said('--data-plane=', '--workers=')).toBe("At the agent's next start: session rate 1.5 Mbit/s")
  expect(said('--session-rate=')).toBe("At the agent's next start: the defaults, as nothing is set")
  expect(folder.forwarding()).toEqual({})
})

test('with a port: a line of each, neither touches the other', () => {
  const { folder, said } = dataFolder()
  expect(said('--relay-server-port=40000', '--workers=2').split('\n')).toEqual([
    'Asks to relay on UDP port 40000 when the agent runs: turn the relay on in the dashboard', "At the agent's next start: 2 workers",
  ])
  expect(said('--relay-server-port=')).toBe('No longer asks to relay when the agent runs')
  expect([folder.requestedPort(), folder.forwarding()]).toEqual([undefined, { workers: 2 }])
})

test('while the agent runs: how to restart it, where that is known', () => {
  const { path, folder, said } = dataFolder()
  const lock = takeLock(path, writeAtomically)
  onTestFinished(() => lock.release())
  expect(said('--workers=2')).toMatch(/: 2 workers; (process \d+ runs as it was started until then|restart it: systemctl restart \S+)$/)
  folder.saveConfig({ revision: 0, skewMs: 0, server: 'http://a:3000' })
  writeFileSync(join(path, 'agent.pid'), `${process.pid}\n`)
  expect(said('--workers=2')).toMatch(new RegExp(
    `; restart it: (curl -fsSL http://a:3000/agent/install.sh \\| sh -s -- --no-systemd --prefix \\S+ --data ${path}|systemctl restart \\S+)$`,
  ))
})

test.each([
  ['0::/system.slice/towpath-agent.service\n', 'towpath-agent'],
  ['12:pids:/system.slice/a.service\n1:name=systemd:/system.slice/a.service\n0::/system.slice/a.service\n', 'a'],
  ['0::/user.slice/user-1000.slice/session-3.scope\n', undefined], ['0::/\n', undefined], ['0::/system.slice/docker-1.scope\n', undefined], ['', undefined],
])('%j is of %s', (cgroup, unit) => {
  expect(unitOf(cgroup)).toBe(unit)
})

test('a folder that is not there', () => {
  expect(() => set({ data: '/nowhere/at/all', relayServerPort: undefined, forwarding: { dataPlane: undefined, workers: 2, sessionRate: undefined } }))
    .toThrow("There is no agent's data in /nowhere/at/all: join first, or give --data")
})
