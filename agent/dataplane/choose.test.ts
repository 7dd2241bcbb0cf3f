import { expect, test } from 'vitest'
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

test.skipIf(process.platform !== 'linux' || process.arch !== 'x64').each(['auto', 'batched'] as const)('%s where this machine can: batched', async (wanted) => {
  expect((await chosen(wanted, here)).name).toBe('batched')
})
