import type { BusEventName, BusEvents } from './events.ts'

export type { BusEventName, BusEvents } from './events.ts'

export interface Bus {
  publish<Name extends BusEventName>(name: Name, event: BusEvents[Name]): void
  /** Returns the way to stop listening. Listeners run in order, in the publisher's turn; one that throws is reported and harms no other. */
  subscribe<Name extends BusEventName>(name: Name, listener: (event: BusEvents[Name]) => void): () => void
  /** All events, for pages that follow everything. */
  subscribeAll(listener: (name: BusEventName) => void): () => void
}

type Listeners = { [Name in BusEventName]?: Set<(event: BusEvents[Name]) => void> }

/** The in-process bus: one instance of the control plane hears what it itself changed. */
export function createBus(onError: (error: unknown) => void): Bus {
  /** Bounded: one set per event name, one entry per subscriber; the subscriber takes its own away. */
  const listeners: Listeners = {}
  /** Bounded as above. */
  const followers = new Set<(name: BusEventName) => void>()

  const safely = (run: () => void): void => {
    try {
      run()
    } catch (error) {
      onError(error)
    }
  }

  return {
    publish(name, event) {
      for (const listener of [...(listeners[name] ?? [])]) safely(() => listener(event))
      for (const follower of [...followers]) safely(() => follower(name))
    },
    subscribe<Name extends BusEventName>(name: Name, listener: (event: BusEvents[Name]) => void) {
      const known: Listeners[Name] = listeners[name]
      const set = known ?? new Set<(event: BusEvents[Name]) => void>()
      set.add(listener)
      if (!known) Object.assign(listeners, { [name]: set })
      return () => {
        set.delete(listener)
      }
    },
    subscribeAll(listener) {
      followers.add(listener)
      return () => {
        followers.delete(listener)
      }
    },
  }
}
