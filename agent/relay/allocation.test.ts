import { expect, test } from 'vitest'
import { createTestClient, seededBytes } from '../../tests/simulation/client.ts'
import { maxVni } from '../../protocol/geneve/index.ts'
import { createAllocationStore, newLeg, type Allocation } from './allocation.ts'

const random = seededBytes(3)

function allocation(vni: number): Allocation {
  const leg = (id: number) => {
    const { disco, node } = createTestClient(id, `n${id}`, random)
    return newLeg(disco.publicKey, { id, name: node.name, discoKey: `${node.discoKey}` as Allocation['legs'][0]['client']['discoKey'] }, 0)
  }
  return { vni, lamportId: BigInt(vni), createdAt: 0, legs: [leg(1), leg(2)], askedBy: 1, openedAt: undefined, draining: undefined }
}

test('VNIs go in sequence, skip those in use and wrap from 2^24-1 to 1', () => {
  const store = createAllocationStore(maxVni - 1)
  store.add(allocation(1))
  const taken = [1, 2, 3].map(() => {
    const vni = store.takeVni()
    if (vni !== undefined) store.add(allocation(vni))
    return vni
  })
  expect(taken).toEqual([maxVni - 1, maxVni, 2])
})

test('a removed VNI is used again only after the sequence has come round', () => {
  const store = createAllocationStore(1)
  const first = allocation(store.takeVni() ?? 0)
  store.add(first)
  store.remove(first)
  expect(store.takeVni()).toBe(2)
  expect(store.size).toBe(0)
})
