'use client'
import Link from 'next/link'
import type { PathCheck } from '../../server/trpc/types.ts'
import { State } from '../ui/chamber.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { latencyWords, pathChambers, pathNames } from './path-words.ts'

/** What a client answered: the path, by what, how long there and back, and when. */
export function PathResult({ path }: { readonly path: PathCheck }) {
  return (
    <output className="grid gap-1 text-13">
      <State
        kind={pathChambers[path.kind]}
        word={path.relay ? <>By <Link className="link" href={`/relays/${path.relay.id}`}>{path.relay.name}</Link></> : pathNames[path.kind]}
        reason={path.latencyMs === null ? null : `${latencyWords(path.latencyMs)} there and back`}
      />
      <span>{path.sentence}</span>
      <span className="text-12 text-muted-foreground">
        {path.endpoint !== null && path.kind === 'relay' && <><span className="font-mono">{path.endpoint}</span>, </>}
        as {path.from.name} says, <RelativeTime at={path.at} />
        {path.kind === 'none' && '. A client that has just lost its path says nothing for some seconds: ask again.'}
      </span>
    </output>
  )
}
