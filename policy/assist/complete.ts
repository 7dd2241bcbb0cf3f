import { checkCapabilityName, vendorCapabilities } from '../capability.ts'
import { hasPorts, protocols } from '../ports.ts'
import { type Cursor, readAt, type WrittenNames } from './cursor.ts'
import type { Known } from './known.ts'
import { type ObjectName, type Place, placeAt } from './places.ts'
import { beforePorts, type SelectorOption, selectorOptions } from './selector-options.ts'
import { attributeWords, capabilityWords, entryForms, keyWords } from './words.ts'

/** Something that can be written at the cursor. */
export type Option = {
  /** What is shown. */
  readonly label: string
  /** What typing is compared with. */
  readonly match: string
  readonly detail: string
  readonly about: string
  readonly insert: string
  /** Where the cursor is afterwards, in `insert`. */
  readonly caret: number
}

export type Completion = {
  /** What was typed of it stands from here to the cursor. */
  readonly typedFrom: number
  /** What an option replaces. */
  readonly from: number
  readonly to: number
  /** Whether something was begun, be it a quote; otherwise they are for who asks. */
  readonly begun: boolean
  readonly options: readonly Option[]
}

/** What the language lets one write at `offset` of a text, which need not be readable. */
export function complete(text: string, offset: number, known: Known): Completion | undefined {
  const { cursor, names } = readAt(text, offset)
  const place = cursor === undefined ? undefined : placeAt(cursor)
  if (cursor === undefined || place === undefined) return undefined
  const options = optionsOf(place, { cursor, names, known, rest: text.slice(cursor.to, cursor.to + 200) })
  if (options.length === 0) return undefined
  const quoted = cursor.form === 'string' || cursor.form === 'unfinished'
  return { typedFrom: quoted ? cursor.from + 1 : cursor.from, from: cursor.from, to: cursor.to, begun: cursor.form !== 'nothing', options }
}

type Around = { readonly cursor: Cursor; readonly names: WrittenNames; readonly known: Known; readonly rest: string }

function optionsOf(place: Place, around: Around): Option[] {
  const { cursor, names, known } = around
  const fresh = (text: string): boolean => !cursor.siblings.has(text)
  switch (place.kind) {
    case 'key': return keyOptions(place.of, around)
    case 'name': return nameOptions(place.of, around)
    case 'selector': {
      const options = selectorOptions(place.position, names, known)
      return place.ports === undefined
        // A tag that owns itself adds nobody.
        ? options.filter(({ text }) => fresh(text) && text !== cursor.path[1]).map((option) => selectorOption(option, string(option.text)))
        : withPorts(options, cursor.content, place.ports)
    }
    case 'relay': return selectorOptions('destination', names, known).filter(({ text }) => /^tag:|^[^:@*]+$/.test(text)).map((option) => selectorOption(option, string(option.text)))
    case 'address': return known.nodes.flatMap(({ name, addresses }) => addresses.map((address) => entry(address, name, '', string(address), `${address} ${name}`)))
    case 'ipset-entry': return setEntries(around).filter(({ label }) => fresh(label))
    case 'ip': return ipEntries().filter(({ label }) => fresh(label))
    case 'protocol': return protocolNames().filter(({ number }) => !place.withPorts || hasPorts(number)).map(({ name, number }) => entry(name, `protocol ${number}`, '', string(name)))
    case 'attribute': return Object.entries(attributeWords).filter(([name]) => fresh(name)).map(([name, about]) => entry(name, '', about, string(name)))
    case 'words': return place.words.map((word) => entry(word, '', '', word === 'true' || word === 'false' ? `${word}|` : string(word)))
    case 'entry': return entryForms[place.of].map(({ label, form }) => entry(form.replace('|', ''), label, '', form))
    case 'capability-value': return [entry('[{}]', 'no limit', '', '[{|}]')]
    case 'relay-parameter': return valueOptions('relayParameters', place.name)
    case 'value': return valueOptions(place.of, place.key)
  }
}

/** A string with the cursor behind it. */
function string(text: string): string {
  return `${JSON.stringify(text)}|`
}

function entry(label: string, detail: string, about: string, form: string, match = label): Option {
  const caret = form.lastIndexOf('|')
  return { label, match, detail, about, insert: form.slice(0, caret) + form.slice(caret + 1), caret }
}

function selectorOption({ label, also, detail, about = '' }: SelectorOption, form: string): Option {
  return entry(label, detail, about, form, also === undefined ? label : `${label} ${also}`)
}

function keyOptions(of: ObjectName, around: Around): Option[] {
  const has = new Set([...around.cursor.siblings].map((key) => key.toLowerCase()))
  return Object.entries(keyWords[of]).filter(([key]) => !has.has(key.toLowerCase())).map(([key, { about, form }]) => entry(key, '', about, member(key, form, around)))
}

/** A key with its value, and the comma that it needs. */
function member(key: string, form: string, { cursor, rest }: Around): string {
  if (cursor.next === 'colon') return string(key)
  const ends = cursor.next === 'comma' || /^[ \t]*[}\]]/.test(rest)
  return `${JSON.stringify(key)}: ${form}${ends ? '' : ','}`
}

function valueOptions(of: ObjectName, key: string): Option[] {
  const words = Object.entries(keyWords[of]).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]
  if (of === 'relayParameters' && key === 'family') return ['ipv4', 'ipv6'].map((family) => entry(family, '', words?.about ?? '', string(family)))
  if (words === undefined) return []
  const label = words.form.replace('|', '').replaceAll(/\s+/g, ' ').replaceAll('"', '')
  return [entry(label, '', words.about, words.form)]
}

function nameOptions(of: Extract<Place, { kind: 'name' }>['of'], around: Around): Option[] {
  const { known, cursor } = around
  const fresh = (name: string): boolean => !cursor.siblings.has(name)
  switch (of) {
    case 'capability': {
      const used = [...known.policy?.grants ?? []].flatMap(({ app }) => [...app.keys()])
      const all = new Set([...vendorCapabilities, ...used.filter((name) => checkCapabilityName(name).ok)])
      return [...all].filter(fresh).map((name) => entry(name, '', capabilityWords[name] ?? '', member(name, '[{|}]', around)))
    }
    case 'tag': {
      const carried = new Set(known.nodes.flatMap(({ tags }) => tags))
      return [...carried].filter(fresh).map((tag) => entry(tag, 'machines carry it', '', member(tag, '["|"]', around)))
    }
    case 'host': return known.nodes.filter(({ name }) => fresh(name)).map(({ name, addresses }) =>
      entry(name, addresses[0] ?? '', '', member(name, `"${addresses[0] ?? ''}"|`, around)))
    case 'prefix': {
      const routes = new Set(known.nodes.flatMap((node) => node.routes ?? []))
      return [...routes].filter(fresh).map((route) => entry(route, 'a machine routes it', '', member(route, '["|"]', around)))
    }
    case 'group': return [entry('group:', 'a name follows', '', member('group:', '["|"]', around))]
    case 'ipset': return [entry('ipset:', 'a name follows', '', member('ipset:', '["|"]', around))]
  }
}

/** The destinations of acls and tests; what is a selector with its colon already is offered ports. */
function withPorts(options: readonly SelectorOption[], content: string, ports: 'any' | 'one'): Option[] {
  const begun = content.slice(0, content.lastIndexOf(':'))
  if (options.some(({ text }) => beforePorts(text) === begun)) {
    const known = [...(ports === 'any' ? [['*', 'every port']] : []), ...wellKnownPorts]
    return known.map(([port = '', detail = '']) => entry(`${begun}:${port}`, detail, '', string(`${begun}:${port}`)))
  }
  return options
    .filter(({ text }) => ports === 'any' || (text !== '*' && text !== 'autogroup:internet' && !text.startsWith('ipset:')))
    .map((option) => {
      const written = beforePorts(option.text)
      return selectorOption(option, ports === 'any' ? string(`${written}:*`) : `"${written}:|"`)
    })
}

const wellKnownPorts = [['443', 'HTTPS'], ['80', 'HTTP'], ['22', 'SSH'], ['53', 'DNS'], ['3389', 'remote desktop'], ['5432', 'PostgreSQL']]

function protocolNames(): { readonly name: string; readonly number: number }[] {
  return [...protocols].map(([name, number]) => ({ name, number }))
}

function ipEntries(): Option[] {
  return [
    entry('*', 'every port', '', string('*')),
    ...wellKnownPorts.map(([port = '', detail = '']) => entry(port, detail, '', string(port))),
    ...protocolNames().map(({ name, number }) => (hasPorts(number)
      ? entry(`${name}:`, 'ports follow', '', `"${name}:|"`)
      : entry(`${name}:*`, `protocol ${number}`, '', string(`${name}:*`)))),
  ]
}

function setEntries({ names, known, cursor }: Around): Option[] {
  const own = cursor.path[1]
  const parts = [
    ...names.hosts.map((name) => [name, 'host']), ...names.ipsets.filter((name) => name !== own).map((name) => [name, 'IP set']),
    ['autogroup:internet', 'public addresses'], ...known.nodes.flatMap(({ name, addresses }) => addresses.map((address) => [address, name])),
  ]
  return ['add', 'remove'].flatMap((does) => parts.map(([text = '', detail = '']) => entry(`${does} ${text}`, detail, '', string(`${does} ${text}`), `${does} ${text} ${detail}`)))
}
