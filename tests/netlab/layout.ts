import { checkName, macOf, routerOf, type SiteName } from './names.ts'
import type { Nat } from './nat.ts'

/** A host on the internet itself, without a router. */
export interface PublicSite {
  readonly public: true
  /** Its address instead of one of 198.51.100.0/24, such as 10.0.0.5: every place on the internet then has a route to it. */
  readonly address?: string
  /** A cable to this machine's own network, for the test process: `lab.addressFromHere(site)`. */
  readonly here?: true
}
/** A host in a network of its own, 10.N.0.2 in 10.N.0.0/24, behind a router. */
export interface PrivateSite {
  readonly nat: Nat
}
/** One more host in another site's network. */
export interface BesideSite {
  readonly beside: SiteName
}
export type Site = PublicSite | PrivateSite | BesideSite

export interface Addresses {
  readonly v4: string
  readonly v6: string
}

/** A network namespace: a host, a router, or the internet's own switch. */
export interface Place {
  readonly name: SiteName
  readonly namespace: string
  /** Its cable's end, and what the other end is plugged into; none: the switch of the internet. */
  readonly cable?: {
    readonly device: string
    readonly mac: string
    readonly at: SiteName
    readonly bridge: string
    readonly port: string
  }
  readonly own: Addresses
  readonly gateway?: Addresses
  /** Whether its address is not one of its bridge's network. */
  readonly isApart?: boolean
  /** For routers: another address on the internet, for `renumber`, and the network behind it. */
  readonly spare?: string
  readonly lan?: Addresses & { readonly network6: string; readonly host: string }
}

export interface Layout {
  readonly inet: Place
  /** By name; routers as `routerOf(site)`. Bounded: what `sites` asked for. */
  readonly places: ReadonlyMap<SiteName, Place>
}

const internet: Addresses = { v4: '198.51.100.1', v6: '2001:db8:51::1' }
const onInternet = (number: number): Addresses => ({ v4: `198.51.100.${number}`, v6: `2001:db8:51::${number}` })
const inLan = (lan: number, number: number): Addresses => ({ v4: `10.${lan}.0.${number}`, v6: `2001:db8:1${String(lan).padStart(2, '0')}::${number}` })

/** Who has which name, address and cable. Throws on a name that cannot be, or a site beside one that is not there. */
export function layOut(id: string, sites: Readonly<Record<SiteName, Site>>): Layout {
  const places = new Map<SiteName, Place>()
  const lanOf = new Map<SiteName, { readonly number: number; hosts: number }>()
  const named = (name: SiteName) => ({ name, namespace: `tp-${id}-${name.replace('.', '-')}` })
  const cable = (name: SiteName, device: string, at: SiteName, bridge: string) => ({
    device, at, bridge, mac: macOf(name), port: `p${places.size + 1}`,
  })
  const add = (place: Place): void => void places.set(place.name, place)
  const addHost = (name: SiteName, router: SiteName): void => {
    const lan = lanOf.get(router)
    if (!lan) throw new Error(`site "${name}" is beside "${router}", which has no router: name a site with "nat"`)
    add({ ...named(name), cable: cable(name, 'eth0', routerOf(router), 'lan'), own: inLan(lan.number, ++lan.hosts), gateway: inLan(lan.number, 1) })
  }
  for (const [name, site] of Object.entries(sites)) {
    checkName('site', name)
    if ('public' in site) {
      const own = onInternet(10 + places.size)
      add({
        ...named(name), cable: cable(name, 'eth0', 'inet', 'br0'), own: { ...own, v4: site.address ?? own.v4 }, gateway: internet, isApart: site.address !== undefined,
      })
    } else if ('nat' in site) {
      const number = lanOf.size + 1
      lanOf.set(name, { number, hosts: 1 })
      const router = routerOf(name)
      add({
        ...named(router), cable: cable(router, 'wan', 'inet', 'br0'), own: onInternet(100 + number), gateway: internet, spare: onInternet(170 + number).v4,
        lan: { ...inLan(number, 1), network6: `${inLan(number, 0).v6.slice(0, -1)}/64`, host: inLan(number, 2).v4 },
      })
      addHost(name, name)
    }
  }
  for (const [name, site] of Object.entries(sites)) if ('beside' in site) addHost(name, site.beside)
  return { inet: { ...named('inet'), own: internet }, places }
}
