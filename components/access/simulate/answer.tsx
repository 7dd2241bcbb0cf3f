'use client'
import type { ReactNode } from 'react'
import type { PolicySimulation } from '../../../server/trpc/types.ts'
import { Relays } from './relays.tsx'
import { Ways } from './ways.tsx'

/** What the control plane found of two machines. */
export function SimulationAnswer({ simulation, onLine }: { readonly simulation: PolicySimulation; readonly onLine: (line: number) => void }) {
  const { ends, ways, seeEachOther, relays, expected, otherwise, carriedBy } = simulation
  return (
    <>
      <div className="grid gap-0.5 border-b px-4 py-3">
        <output className="text-14 font-medium">{talkWords(ways, seeEachOther)}</output>
        <p className="text-13"><span className="text-muted-foreground">Relay expected: </span>{expected.sentence}</p>
      </div>
      <div className="grid divide-y wide:grid-cols-2 wide:divide-x wide:divide-y-0">
        <Part title="May they talk"><Ways ways={ways} onLine={onLine} /></Part>
        <Part title="Relays they may use"><Relays simulation={simulation} onLine={onLine} /></Part>
      </div>
      <div className="border-t px-4 py-3 text-13">
        <h3 className="mb-1 text-13 font-medium">What then happens</h3>
        <ol className="m-0 grid list-decimal gap-0.5 pl-5 text-muted-foreground">
          <li>A direct path, where their networks let one through. The policy says nothing of it, and it is not judged here.</li>
          <li>{relays.some(({ isAsked }) => isAsked) ? 'All relays that are asked, at once: of those that answer, the fastest carries them.' : 'No relay, as none is asked.'}{ends.map(({ id, whyNot }) => whyNot !== null && <span key={id}> {whyNot}</span>)}</li>
          <li>{otherwise}</li>
        </ol>
        {carriedBy !== null && <p className="mt-1.5">Now, by the policy in force, {carriedBy.name} carries them.</p>}
      </div>
    </>
  )
}

function talkWords([there, back]: PolicySimulation['ways'], seeEachOther: boolean): string {
  if (there === undefined || back === undefined) return ''
  const { from, to } = there
  if (there.allowed && back.allowed) return `${from} and ${to} may reach each other.`
  if (there.allowed) return `${from} may reach ${to}, and only answers come back.`
  if (back.allowed) return `${to} may reach ${from}, and only answers come back.`
  return seeEachOther ? `${from} and ${to} see each other; neither may open a connection to the other.` : `${from} and ${to} may not reach each other.`
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="px-4 pt-3 pb-0.5 text-13 font-medium">{title}</h3>
      {children}
    </div>
  )
}
