import type { NodeFacts } from './model.ts'

/** For tests: what stock clients would be told of a node with this id. */
export function plainFacts(id: number): NodeFacts {
  return {
    machineKey: `mkey:${id.toString(16).padStart(64, '0')}`, hostname: `host-${id}`, os: 'linux', createdAt: 0, services: [],
    user: { id: 2_147_483_647, loginName: 'tagged-devices', displayName: 'Tagged Devices' },
  }
}
