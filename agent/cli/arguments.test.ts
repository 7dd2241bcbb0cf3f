import { expect, test } from 'vitest'
import { defaultData, readCommand, UsageError } from './arguments.ts'

test('run is the default; what is not given has its default', () => {
  expect(readCommand(['--server', 'http://a:3000'], { HOME: '/home/t' }, false)).toEqual({
    name: 'run', data: '/home/t/.local/share/towpath-agent/data', server: 'http://a:3000', authKey: undefined, authKeyFile: undefined,
    nodeName: undefined, region: undefined, metricsPort: 9410, dataPlane: undefined, workers: undefined, sessionRate: undefined, logLevel: 'info',
  })
})

test('a name is a host label', () => {
  for (const name of ['a', 'Relay-2', 'a'.repeat(63)]) expect(readCommand(['join', '--name', name])).toMatchObject({ nodeName: name })
})

test('a session’s rate is in bits a second', () => {
  expect(readCommand(['--session-rate', '1.5mbit'])).toMatchObject({ sessionRate: 1_500_000 })
  for (const rate of ['100', '0mbit', 'fast', '10MB']) expect(() => readCommand(['--session-rate', rate])).toThrow(`--session-rate is a rate such as 100mbit (kbit, mbit, gbit), not "${rate}"`)
})

test('a region is a few words', () => {
  expect(readCommand(['join', '--region', ' fra 1 '])).toMatchObject({ region: 'fra 1' })
  for (const region of [' ', 'a'.repeat(41), 'a\nb']) expect(() => readCommand(['join', '--region', region])).toThrow(/--region is 1 to 40 characters/)
})

test('the data folder: root’s, the user’s, an installation’s own', () => {
  expect(defaultData({}, true)).toBe('/var/lib/towpath-agent')
  expect(defaultData({ XDG_DATA_HOME: '/x', HOME: '/h' }, false)).toBe('/x/towpath-agent/data')
  expect(defaultData({ TOWPATH_AGENT_DATA: '/own' }, true)).toBe('/own')
})

const set = (...words: string[]) => readCommand(['set', '--data', 'd', ...words])

test('set: what is not told stays, what is empty is taken back', () => {
  expect(set('--relay-server-port=40000')).toEqual({ name: 'set', data: 'd', relayServerPort: 40_000, forwarding: undefined })
  expect(set('--relay-server-port=')).toEqual({ name: 'set', data: 'd', relayServerPort: null, forwarding: undefined })
  expect(set('--data-plane', 'dgram', '--session-rate=')).toEqual({
    name: 'set', data: 'd', relayServerPort: undefined, forwarding: { dataPlane: 'dgram', workers: undefined, sessionRate: null },
  })
})

test.each([['--data-plane', 'fast'], ['--workers', '0'], ['--workers', '65'], ['--session-rate', '100']])('%s %s is refused alike by run and set', (...words) => {
  const refusal = (command: string): unknown => {
    try {
      return readCommand([command, ...words])
    } catch (error) {
      return error
    }
  }
  expect(refusal('set')).toBeInstanceOf(UsageError)
  expect(refusal('set')).toEqual(refusal('run'))
})

test.each([
  [['--version'], 'version'], [['version'], 'version'], [['-h'], 'help'], [['status', '--help'], 'help'],
])('%j', (words, name) => {
  expect(readCommand(words)).toEqual({ name })
})

test.each([
  [['run', 'run']], [['set']], [['set', '--name', 'a']], [['--workers=']], [['set', '--relay-server-port=0']], [['set', '--relay-server-port=a']], [['set', '--relay-server-port=65536']],
  [['--log-level', 'loud']], [['--server', 'ftp://a']], [['--name']], [['--json']], [['join', '--metrics-port', '1']],
  [['--name', 'a'.repeat(64)]], [['--name', 'my relay']], [['--name', 'a\nb']], [['join', '--name=-a']], [['join', '--name=a-']], [['join', '--name=']],
])('%j is a mistake of one line', (words) => {
  expect(() => readCommand(words)).toThrow(UsageError)
  expect(() => readCommand(words)).toThrow(/^[^\n]+$/)
})
