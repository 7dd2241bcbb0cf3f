import { expect, test } from 'vitest'
import { whyNotLoaded } from './batched/libc.ts'
import { packagedBinary } from './batched/native.ts'
import { createPlane, type Machine } from './choose.ts'
import type { DataPlaneName } from './options.ts'

const here: Machine = { nativeBinary: () => ({ ok: true, path: packagedBinary('linux_x64') }), whatSocketsLack: () => undefined, comeBeforeForwarding: () => undefined }

async function chosen(wanted: DataPlaneName, machine: Machine) {
  const plane = createPlane(() => undefined, { wanted, workers: 1, nativeFolder: '/nowhere', onWorkerDeath: () => undefined }, machine)
  const state = await plane.start(0)
  await plane.close()
  return { name: plane.name, text: state.state === 'bound' ? state.text : state }
}

test.each<[DataPlaneName, Machine, string]>([
  ['auto', { ...here, whatSocketsLack: () => 'this kernel has no UDP_GRO' }, 'batched sockets: this kernel has no UDP_GRO'],
  ['batched', { ...here, whatSocketsLack: () => 'this machine has no IPv6' }, 'batched sockets: this machine has no IPv6'],
  ['auto', { ...here, nativeBinary: () => ({ ok: false, lacks: 'they need glibc' }) }, 'batched sockets: they need glibc'],
  ['auto', { ...here, whatSocketsLack: () => { throw new Error('libc.so.6: cannot open') } }, 'batched sockets: libc.so.6: cannot open'],
  ['dgram', here, ''],
])('%s where it cannot be: dgram, and why (%#)', async (wanted, machine, text) => {
  expect(await chosen(wanted, machine)).toEqual({ name: 'dgram', text })
})

test('a folder that no program is loaded from is named as such, with what to do', () => {
  expect(whyNotLoaded('/data/native/x.node', '/data/native/x.node: failed to map segment from shared object')).toBe('no program may be loaded from /data/native (mounted noexec): give --data on another file system')
  expect(whyNotLoaded('/data/native/x.node', 'libc.so.6: not found')).toBe('libc.so.6: not found')
})

test.skipIf(process.platform !== 'linux' || process.arch !== 'x64').each(['auto', 'batched'] as const)('%s where this machine can: batched', async (wanted) => {
  expect((await chosen(wanted, here)).name).toBe('batched')
})
