import path from 'node:path'
import { mkdirSync } from 'node:fs'
import { run, type Program } from '../e2e/harness/program.ts'
import { execute, mustExecute, script, type Executed, type ExecuteOptions } from './execute.ts'
import { makeFolder, record, removeLab, removeStale } from './folder.ts'
import { planHere, plugHere, type HereCable } from './here.ts'
import { layOut, type Place, type Site } from './layout.ts'
import { Links, type Shape } from './links.ts'
import { checkName, routerOf, type SiteName } from './names.ts'
import { natRules, type Nat } from './nat.ts'
import { copyEtc, inNamespace } from './private-etc.ts'
import { wire } from './wiring.ts'

export interface LabOptions {
  /** Tells this suite's labs from others; what earlier runs of the same prefix left behind is removed first. */
  readonly prefix: string
  readonly sites: Readonly<Record<SiteName, Site>>
  /** IPv6 beside IPv4, routed without NAT; the routers let in only what answers. */
  readonly ipv6?: boolean
  /** Larger frames than a wire carries: for speed alone. */
  readonly offload?: boolean
  /** Names that every site knows, and their addresses. */
  readonly hosts?: Readonly<Record<string, string>>
}

/** Hosts, routers and an internet between them, all in network namespaces of this lab. A place is a site, or `routerOf(site)`. */
export interface Lab {
  /** For logs and state of what runs in it; goes with the lab. */
  readonly folder: string
  readonly sites: readonly SiteName[]
  /** The host's own address: 10.N.0.2 behind a router. */
  addressOf(place: SiteName, family?: 4 | 6): string
  /** What the internet sees of it. */
  outsideOf(site: SiteName): string
  /** Where the test process itself reaches a site with `here`. */
  addressFromHere(site: SiteName): string
  /** The command as it runs in that place, for a `spawn` of the caller's; the process becomes the command itself. */
  command(place: SiteName, argv: readonly string[]): [string, ...string[]]
  exec(place: SiteName, argv: readonly string[], options?: ExecuteOptions): Promise<Executed>
  /** As `exec`, of a command that must succeed; its standard output. */
  run(place: SiteName, argv: readonly string[], options?: ExecuteOptions): Promise<string>
  spawn(place: SiteName, argv: readonly string[], env?: Readonly<Record<string, string | undefined>>): Program
  /** Another kind of router from now on; flows that stand are forgotten unless `keepFlows`. */
  setNat(site: SiteName, nat: Nat, options?: { readonly keepFlows?: boolean }): Promise<void>
  /** The router forgets all its mappings: a hard NAT gives new ports, a cone the same again. */
  flushNat(site: SiteName): Promise<void>
  /** The site's router gets another address on the internet, and forgets all mappings. */
  renumber(site: SiteName): Promise<void>
  /** The site's cable to the internet (of one beside another: into that network). Replaces what it was. */
  shape(site: SiteName, shape: Shape): Promise<void>
  /** The same cable loses everything, silently; `join` ends that. */
  cut(site: SiteName): Promise<void>
  join(site: SiteName): Promise<void>
  /** Nothing passes between the two sites across the internet. */
  block(one: SiteName, two: SiteName): Promise<void>
  unblock(one: SiteName, two: SiteName): Promise<void>
  /** Ends every process in it and removes it; nothing of it stays on the machine. */
  remove(): Promise<void>
}

interface Router {
  readonly place: Place
  nat: Nat
  wan: string
  spare: string
}

/** Makes a lab. Takes about a second. Throws with the command that failed. */
export async function createLab({ prefix, sites, ipv6 = false, offload = false, hosts = {} }: LabOptions): Promise<Lab> {
  checkName('prefix', prefix)
  await removeStale(prefix)
  const { folder, id } = makeFolder(prefix)
  const layout = layOut(id, sites)
  const { places, inet } = layout
  const links = new Links(layout, offload)
  /** Bounded: one per site with a router. */
  const routers = new Map<SiteName, Router>()
  /** Bounded: one per site with `here`. */
  const cables = new Map<SiteName, HereCable>()
  /** Bounded: one per place. */
  const etcs = new Map<SiteName, string>()

  function place(name: SiteName): Place {
    const found = places.get(name)
    if (!found) throw new Error(`no place "${name}" in the lab: it has ${[...places.keys()].join(', ')}`)
    return found
  }

  /** Where the site's traffic enters the internet: its router, or itself. */
  const edge = (name: SiteName): Place => {
    const { cable } = place(name)
    return places.get(routerOf(name)) ?? (cable?.at === 'inet' ? place(name) : place(cable?.at ?? name))
  }
  const shaped = (name: SiteName): Place => places.get(routerOf(name)) ?? place(name)

  function router(site: SiteName): Router {
    const found = routers.get(site)
    if (!found) throw new Error(`site "${site}" has no router`)
    return found
  }

  async function applyNat(site: SiteName): Promise<void> {
    const { place: at, nat, wan } = router(site)
    await mustExecute(['ip', 'netns', 'exec', at.namespace, 'nft', '-f', '-'], { input: natRules(nat, { wan, host: at.lan?.host ?? '' }) })
  }

  async function flushNat(site: SiteName): Promise<void> {
    await mustExecute(['ip', 'netns', 'exec', router(site).place.namespace, 'conntrack', '-F'])
  }

  const command = (name: SiteName, argv: readonly string[]): [string, ...string[]] => inNamespace(place(name).namespace, etcs.get(name) ?? '/etc', argv)

  try {
    for (const [name, site] of Object.entries(sites)) {
      if ('nat' in site) {
        const at = place(routerOf(name))
        routers.set(name, { place: at, nat: site.nat, wan: at.own.v4, spare: at.spare ?? at.own.v4 })
      }
      if ('here' in site) cables.set(name, await planHere(id, place(name)))
    }
    record(folder, { namespaces: [inet, ...places.values()].map(({ namespace }) => namespace), interfaces: [...cables.values()].map(({ device }) => device) })
    await wire(layout, { ipv6, offload })
    for (const site of routers.keys()) await applyNat(site)
    for (const [name, cable] of cables) await plugHere(cable, place(name))
    for (const name of places.keys()) {
      mkdirSync(path.join(folder, name))
      etcs.set(name, copyEtc(path.join(folder, name), hosts))
    }
  } catch (error) {
    await removeLab(folder)
    throw error
  }

  return {
    folder,
    sites: Object.keys(sites),
    addressOf: (name, family = 4) => (family === 4 ? place(name).own.v4 : place(name).own.v6),
    outsideOf: (site) => routers.get(site)?.wan ?? edge(site).own.v4,
    addressFromHere(site) {
      const cable = cables.get(site)
      if (!cable) throw new Error(`site "${site}" has no cable to here: give it "here: true"`)
      return cable.address
    },
    command,
    exec: (name, argv, options) => execute(command(name, argv), options),
    run: (name, argv, options) => mustExecute(command(name, argv), options),
    spawn(name, argv, env) {
      const [program, ...args] = command(name, argv)
      return run(program, args, env)
    },
    async setNat(site, nat, { keepFlows = false } = {}) {
      router(site).nat = nat
      await applyNat(site)
      if (!keepFlows) await flushNat(site)
    },
    flushNat,
    async renumber(site) {
      const one = router(site)
      const { namespace, gateway } = one.place
      const [from, to] = [one.wan, one.spare]
      Object.assign(one, { wan: to, spare: from })
      await script([
        `ip -n ${namespace} addr add ${to}/24 dev wan`,
        `ip -n ${namespace} addr del ${from}/24 dev wan`,
        `ip -n ${namespace} route replace default via ${gateway?.v4 ?? ''}`,
      ])
      await applyNat(site)
      await flushNat(site)
    },
    shape: (site, shape) => links.shape(shaped(site), shape),
    cut: (site) => links.cut(shaped(site)),
    join: (site) => links.join(shaped(site)),
    block: (one, two) => links.block(edge(one), edge(two), true),
    unblock: (one, two) => links.block(edge(one), edge(two), false),
    async remove() {
      await links.stop()
      await removeLab(folder)
    },
  }
}
