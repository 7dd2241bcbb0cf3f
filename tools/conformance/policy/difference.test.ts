import { expect, test } from 'vitest'
import { boxesOf, type RecordedRule } from './boxes.ts'
import { filterDifferences } from './difference.ts'

const compare = (ours: RecordedRule[], recorded: RecordedRule[]) => filterDifferences(boxesOf(ours), boxesOf(recorded))
const ports = (src: string[], dst: string, first = 0, last = 65_535, protocols?: number[]): RecordedRule =>
  ({ SrcIPs: src, DstPorts: [{ IP: dst, Ports: { First: first, Last: last } }], ...(protocols === undefined ? {} : { IPProto: protocols }) })
const capability = (map: Record<string, unknown[] | null>, src = ['100.64.0.1'], dst = ['100.64.0.2/32']): RecordedRule =>
  ({ SrcIPs: src, CapGrant: [{ Dsts: dst, CapMap: map }] })

test('what is allowed counts, not how it is written', () => {
  expect(compare(
    [ports(['100.64.0.0-100.64.0.3'], '100.64.0.9', 80, 90, [6]), ports(['100.64.0.1'], '100.64.0.9', 85, 85, [6])],
    [ports(['100.64.0.0/31', '100.64.0.2/31'], '100.64.0.9/32', 80, 84, [6]), ports(['100.64.0.0/30'], '100.64.0.9', 85, 90, [6])],
  )).toEqual([])
})

test('without a protocol a rule is of the four that clients take it for', () => {
  const src = ['100.64.0.1']
  expect(compare([ports(src, '*')], [ports(src, '*', 0, 65_535, [6, 17, 1, 58])])).toEqual([])
  expect(compare([ports(src, '*', 0, 65_535, [])], [ports(src, '*')])).toEqual([])
  expect(compare([ports(src, '100.64.0.2')], [ports(src, '100.64.0.2', 0, 65_535, [6, 17])]))
    .toEqual(['ours alone allows icmp:* ipv6-icmp:* from 100.64.0.1 to 100.64.0.2'])
})

test('pairs of two families allow nothing', () => {
  expect(compare([ports(['100.64.0.1', 'fd7a:115c:a1e0::1'], '100.64.0.2')], [ports(['100.64.0.1'], '100.64.0.2')])).toEqual([])
  expect(compare([ports(['fd7a:115c:a1e0::1'], '100.64.0.2')], [])).toEqual([])
  expect(compare([ports(['fd7a:115c:a1e0::1'], '*')], [])).toHaveLength(1)
})

test('says what one side alone allows, in as few words as there are', () => {
  expect(compare([ports(['100.64.0.0/30'], '100.64.0.9', 20, 25, [6])], [ports(['100.64.0.0/30'], '100.64.0.9', 22, 22, [6])]))
    .toEqual(['ours alone allows tcp:20-21 from 100.64.0.0/30 to 100.64.0.9, tcp:23-25 from 100.64.0.0/30 to 100.64.0.9'])
  expect(compare([], [ports(['10.0.0.0/8'], '100.64.0.9', 53, 53, [17])])).toEqual(['the recording alone allows udp:53 from 10.0.0.0/8 to 100.64.0.9'])
  const many = [1, 3, 5, 7, 9].map((port) => ports(['100.64.0.1'], '100.64.0.2', port, port, [6]))
  expect(compare(many, [])[0]).toMatch(/tcp:5 from 100\.64\.0\.1 to 100\.64\.0\.2 and 2 more$/)
})

test('neighbouring families are not joined: the last of IPv4 and the first of IPv6', () => {
  expect(compare([ports(['*'], '*', 5, 5, [6])], [])).toEqual(['ours alone allows tcp:5 from 0.0.0.0/0 to 0.0.0.0/0, tcp:5 from ::/0 to ::/0'])
})

test('a capability counts with each of its values; none is as null', () => {
  expect(compare([capability({ 'a.b/c': null })], [capability({ 'a.b/c': [] })])).toEqual([])
  expect(compare([capability({ 'a.b/c': [{ x: 1, y: 2 }, 3] })], [capability({ 'a.b/c': [3] }), capability({ 'a.b/c': [{ y: 2, x: 1 }] })])).toEqual([])
  expect(compare([capability({ 'a.b/c': [3] })], [capability({ 'a.b/c': null })])).toEqual([
    'ours alone allows a.b/c 3 from 100.64.0.1 to 100.64.0.2', 'the recording alone allows a.b/c from 100.64.0.1 to 100.64.0.2',
  ])
  expect(compare([capability({ 'a.b/c': [3] })], [capability({ 'a.b/c': [3] }, ['100.64.0.7'])])).toHaveLength(2)
  expect(compare([capability({ 'a.b/c': null }, [])], [])).toEqual([])
})

test('what is no address is not taken for one', () => {
  expect(() => boxesOf([ports(['nobody'], '*')])).toThrow('"nobody" is no address')
})
