import { openBrowser, openTab, type Tab } from './browser.ts'
import { owner, signIn as signInOn } from './owner.ts'
import { redeem, signIn, type Person } from './person.ts'
import type { Program } from './program.ts'
import { newInstallation, type Installation } from './towpath.ts'

/** The product as it runs beside a browser: what tests of pages begin with. */
export interface Product {
  readonly installation: Installation
  /** Makes the owner account by the link of the start; the owner, without a page. */
  makeOwner(): Promise<Person>
  /** Somebody's tab of their own, nobody signed in. */
  openTab(width?: number): Promise<Tab>
  /** The same, with the owner signed in, on the overview. */
  openOwnersTab(width?: number): Promise<Tab>
  /** Pairs of simulated machines that send to each other at this rate, such as `500kbit`, and say each second how it goes. */
  simulate(pairs: number, rate: string): Program
  /** Ends the product alone, as an operator does, and starts it again with its data. Resolves with the exit code of the end. */
  restart(): Promise<number | null>
  /** Ends all that was begun, and removes the data. */
  stop(): Promise<void>
}

/** Starts both at once. Throws, with nothing left behind, when one does not start. */
export async function startProduct(): Promise<Product> {
  const installation = await newInstallation()
  const { url } = installation
  const [starting, opening] = [installation.start(), openBrowser()]
  const [first, browser] = await Promise.all([starting, opening]).catch(async (error: unknown) => {
    await Promise.allSettled([starting.then((one) => one.stop()), opening.then((one) => one.close())])
    installation.remove()
    throw error
  })
  let program = first
  /** Bounded, like the next: what one file of tests begins. */
  const people: Person[] = []
  const simulations: Program[] = []
  return {
    installation,
    async makeOwner() {
      await redeem(url, installation.ownerLink(), owner)
      const person = await signIn(url, owner)
      people.push(person)
      return person
    },
    openTab: (width) => openTab(browser, url, width),
    async openOwnersTab(width) {
      const tab = await openTab(browser, url, width)
      await signInOn(tab.page)
      return tab
    },
    simulate(pairs, rate) {
      const simulation = installation.simulate('--pairs', String(pairs), '--rate', rate, '--json')
      simulations.push(simulation)
      return simulation
    },
    async restart() {
      const code = await program.stop()
      program = await installation.start()
      return code
    },
    async stop() {
      for (const person of people) await person.close()
      await browser.close()
      for (const simulation of simulations) await simulation.stop()
      await program.stop()
      installation.remove()
    },
  }
}
