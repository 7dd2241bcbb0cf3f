'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { Role } from '../../server/trpc/types.ts'

export interface Person {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: Role
  readonly networkName: string
  readonly version: string
  /** What commands on the control plane’s machine need to find its data; empty: nothing. */
  readonly dataFlag: string
}

const MeContext = createContext<Person | null>(null)

export function MeProvider({ me, children }: { readonly me: Person; readonly children: ReactNode }) {
  return <MeContext.Provider value={me}>{children}</MeContext.Provider>
}

export interface Me extends Person {
  /** `write`: change the network (admin, owner). `people`: decide who the people are (owner). The server checks it again. */
  readonly can: (right: 'write' | 'people') => boolean
}

/** Who is signed in. */
export function useMe(): Me {
  const me = useContext(MeContext)
  if (!me) throw new Error('This component stands outside the dashboard')
  return { ...me, can: (right) => (right === 'people' ? me.role === 'owner' : me.role !== 'viewer') }
}
