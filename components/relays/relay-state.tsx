'use client'
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
export function RelayStateMark({ relay, inline = false }: { readonly relay: StatedInWords; readonly inline?: boolean }) {
  const { word, reason } = useStateWords()(relay)
  return <State kind={chamberOf[relay.state]} word={word} {...(inline ? {} : { reason })} />
}
