import { expect, test } from 'vitest'
import { createBus } from './index.ts'

test('events reach those who listen, in order, until they stop', () => {
  const errors: unknown[] = []
  const bus = createBus((error) => errors.push(error))
  const heard: string[] = []
  const stop = bus.subscribe('node.changed', ({ nodeId, cause }) => heard.push(`${nodeId} ${cause}`))
  bus.subscribe('relay.changed', () => heard.push('not this'))
  bus.subscribeAll((name) => heard.push(name))
  bus.publish('node.changed', { nodeId: 1, cause: 'renamed' })
  stop()
  bus.publish('node.changed', { nodeId: 2, cause: 'renamed' })
  expect(heard).toEqual(['1 renamed', 'node.changed', 'node.changed'])
  expect(errors).toEqual([])
})

test('a listener that throws is reported and harms no other', () => {
  const errors: unknown[] = []
  const bus = createBus((error) => errors.push(error))
  const heard: string[] = []
  bus.subscribe('setting.changed', () => { throw new Error('broken') })
  bus.subscribe('setting.changed', ({ key }) => heard.push(key))
  bus.publish('setting.changed', { key: 'network' })
  expect(heard).toEqual(['network'])
  expect(errors).toHaveLength(1)
})
