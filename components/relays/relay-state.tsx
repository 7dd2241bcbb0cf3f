'use client'
import Link from 'next/link'
import type { RelayRow } from '../../server/trpc/types.ts'
import { State } from '../ui/chamber.tsx'
import { useClock } from '../ui/clock.tsx'
import { shortTime } from '../ui/time.ts'
import { chamberOf, type StatedInWords, stateWords } from './relay-words.ts'

/** The words of a relay's state, times as this page's clock says them. */
export function useStateWords(): (relay: StatedInWords) => ReturnType<typeof stateWords> {
  const { now, zone } = useClock()
  return (relay) => stateWords(relay, (at) => shortTime(at, now, zone))
}

/** The chamber, the word and the reason. */
export function RelayStateMark({ relay, inline = false }: { readonly relay: StatedInWords & Pick<RelayRow, 'id'>; readonly inline?: boolean }) {
  const { word, reason } = useStateWords()(relay)
  if (!relay.approved) {
    const machine = (text: string) => <Link className="link" href={`/machines/${relay.id}`}>{text}</Link>
    return inline ? <State kind="fault" word={machine(word)} /> : <State kind="fault" word={word} reason={machine('Approve the machine')} />
  }
  return <State kind={chamberOf[relay.state]} word={word} {...(inline ? {} : { reason })} />
}
