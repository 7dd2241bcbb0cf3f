import { expect, test } from 'vitest'
import { clientCommands, isOtherwise } from './client-words.ts'

const relay = { advertised: true, state: 'off', stateText: '', port: 40_000 } as const

test('what to run on the machine, as far as its owner and its version let', () => {
  const commands = (remoteConfig: boolean, knowsRemoteConfig: boolean) => clientCommands(relay, { remoteConfig, knowsRemoteConfig }).map(({ command }) => command)
  expect(commands(false, true)).toEqual(['tailscale set --relay-server-port=40000', 'tailscale set --remote-config'])
  expect(commands(false, false)).toEqual(['tailscale set --relay-server-port=40000'])
  expect(clientCommands({ ...relay, advertised: false, stateText: 'Held off from here' }, { remoteConfig: false, knowsRemoteConfig: false })[0]?.command).toBe('tailscale set --relay-server-port=')
  expect(commands(true, true)).toEqual(['tailscale set --remote-config=false'])
})

test('wanted on and off on the machine is otherwise', () => {
  expect(isOtherwise(relay)).toBe(true)
  expect(isOtherwise({ advertised: true, state: 'relaying' })).toBe(false)
  expect(isOtherwise({ advertised: false, state: 'off' })).toBe(false)
})
