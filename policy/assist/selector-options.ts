import { formatRange, parseAddress } from '../address.ts'
import type { PolicyNode } from '../model.ts'
import { mayStand, type Position } from '../read/positions.ts'
import { autogroups } from '../selector.ts'
import type { WrittenNames } from './cursor.ts'
import { type Known, plural } from './known.ts'
import { autogroupWords } from './words.ts'

/** A selector that may stand somewhere. */
export type SelectorOption = {
  /** What is written. */
  readonly text: string
  /** What it is found by and shown as, where that is another thing: a machine's name. */
  readonly label: string
  /** Further words that it is found by. */
  readonly also?: string
  readonly detail: string
  readonly about?: string
}

/** Every selector that may stand in a position: names of the document, people, machines and autogroups. */
export function selectorOptions(position: Position, names: WrittenNames, known: Known): SelectorOption[] {
  const all = [
    ...named(names, known), ...autogroupOptions(), ...everything(position), ...peopleOptions(known), ...known.nodes.flatMap((node) => machineOptions(node, known)),
  ]
  return all.filter(({ text }) => mayStand(text, position))
}

function named(names: WrittenNames, { policy, nodes }: Known): SelectorOption[] {
  // A group that was just written is not yet read.
  const members = (name: string): string => {
    const people = policy?.groups.get(name)
    return people === undefined ? 'group' : plural(people.length, 'person', 'people')
  }
  const carriers = (tag: string): string => plural(nodes.filter(({ tags }) => tags.includes(tag)).length, 'machine')
  const address = (name: string): string => {
    const range = policy?.hosts.get(name)
    return range === undefined ? 'host' : formatRange(range)
  }
  return [
    ...names.groups.map((name) => option(name, members(name))),
    ...names.tagOwners.map((name) => option(name, carriers(name))),
    ...names.hosts.map((name) => option(name, address(name))),
    ...names.ipsets.map((name) => option(name, 'IP set')),
  ]
}

function option(text: string, detail: string, about?: string): SelectorOption {
  return { text, label: text, detail, ...(about === undefined ? {} : { about }) }
}

function autogroupOptions(): SelectorOption[] {
  return [...autogroups, 'self', 'internet', 'danger-all'].map((name) => option(`autogroup:${name}`, '', autogroupWords[name] ?? ''))
}

function everything(position: Position): SelectorOption[] {
  return [position === 'destination'
    ? option('*', 'anything', 'Any address: every machine, every route, and the internet by exit nodes.')
    : option('*', 'every machine', 'Every machine, and as a source also whatever is behind approved subnet routes.')]
}

function peopleOptions({ people }: Known): SelectorOption[] {
  const domains = new Set(people.flatMap(({ email }) => email.split('@')[1] ?? []))
  return [
    ...people.map(({ email, name }): SelectorOption => ({ text: email, label: email, also: name, detail: name })),
    ...[...domains].map((domain) => option(`user:*@${domain}`, 'domain', `Everybody whose e-mail ends in @${domain}.`)),
  ]
}

/** A machine has no selector of its own: it is found by its name, and written as its tag or its address. */
function machineOptions(node: PolicyNode, { policy }: Known): SelectorOption[] {
  const { name, addresses, tags } = node
  const first = addresses[0]
  const host = [...policy?.hosts ?? []].find(([, range]) => addresses.includes(formatRange(range)))?.[0]
  return [
    ...tags.map((tag): SelectorOption => ({ text: tag, label: name, detail: `by ${tag}`, about: `Writes "${tag}", which every machine with that tag has.` })),
    ...(host === undefined && first !== undefined
      ? [{ text: first, label: name, detail: `by ${first}`, about: `Writes the address of ${name}. Its other addresses are not meant by it.` }]
      : []),
    ...(host === undefined ? [] : [{ text: host, label: name, detail: `by the host ${host}`, about: `Writes "${host}", which "hosts" gives this machine's address.` }]),
  ]
}

/** A selector in front of a colon and ports: an IPv6 address or prefix stands in brackets there. */
export function beforePorts(text: string): string {
  const [address = '', length] = text.split('/')
  if (!text.includes(':') || parseAddress(address) === undefined) return text
  return `[${address}]${length === undefined ? '' : `/${length}`}`
}
