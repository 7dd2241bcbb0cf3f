import { expect, test } from 'vitest'
import { checkCapabilityName, vendorCapabilities } from '../capability.ts'
import { parsePolicy, topLevelKeys } from '../parse.ts'
import { aclKeys } from '../read/acls.ts'
import { approverKeys } from '../read/auto-approvers.ts'
import { grantKeys } from '../read/grants.ts'
import { entryKeys } from '../read/node-attrs.ts'
import { relayTestKeys } from '../read/relay-tests.ts'
import { testKeys } from '../read/tests.ts'
import { parameters } from '../relay-parameters.ts'
import { autogroups } from '../selector.ts'
import type { ObjectName } from './places.ts'
import { autogroupWords, capabilityWords, entryForms, keyWords } from './words.ts'

const tables = {
  policy: topLevelKeys, grant: grantKeys, acl: aclKeys, nodeAttr: entryKeys, autoApprovers: approverKeys, test: testKeys, relayTest: relayTestKeys,
} as const

test.each(Object.entries(tables))('every key of %s that is read has its words, and no other has', (name, { names, byLowerCase }) => {
  // Of these tables alone.
  const words = Object.keys(keyWords[name as ObjectName])
  const read = names.filter((key) => 'key' in (byLowerCase.get(key.toLowerCase()) ?? {}))
  expect(words).toEqual(expect.arrayContaining(read))
  expect(words.filter((key) => !names.includes(key))).toEqual([])
})

test('so has every relay parameter, capability and autogroup', () => {
  expect(Object.keys(keyWords.relayParameters).toSorted()).toEqual([...parameters.keys()].toSorted())
  expect(Object.keys(capabilityWords).toSorted()).toEqual([...vendorCapabilities].toSorted())
  expect(Object.keys(capabilityWords).filter((name) => !checkCapabilityName(name).ok)).toEqual([])
  expect(Object.keys(autogroupWords).toSorted()).toEqual([...autogroups, 'self', 'internet', 'danger-all'].toSorted())
})

test.each(Object.entries(keyWords.policy))('what completion writes for "%s" can be read, but for names to be filled in', (key, { form }) => {
  const { problems } = parsePolicy(`{"${key}": ${form.replace('|', key === 'groups' || key === 'tagOwners' || key === 'ipsets' ? 'x' : '')}}`)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
})

test.each(Object.entries(keyWords.relayParameters))('the example of "%s" is valid', (key, { form }) => {
  const grant = `{"src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/relay": [{"${key}": ${form.replace('|', '')}}]}}`
  expect(parsePolicy(`{"grants": [${grant}]}`).problems).toEqual([])
})

test('entries are written whole', () => {
  const lists = { grant: 'grants', acl: 'acls', nodeAttr: 'nodeAttrs', test: 'tests' } as const
  for (const [of, list] of Object.entries(lists)) {
    for (const { form } of entryForms[of as keyof typeof lists]) {
      const codes = parsePolicy(`{"${list}": [${form.replace('|', '')}]}`).problems.map(({ code }) => code)
      expect(codes.filter((code) => code === 'syntax' || code === 'unknown-key' || code === 'missing-key' || code === 'wrong-type')).toEqual([])
    }
  }
})
