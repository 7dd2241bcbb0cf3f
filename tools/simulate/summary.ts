import type { EndStats, ProbePair } from '../../agent/probe/index.ts'

export interface EndSummary {
  readonly name: string
  readonly sent: number
  readonly received: number
  readonly lost: number
  readonly duplicates: number
  /** Paths in the order in which this end sent by them; `lost`: packets to it meanwhile. */
  readonly paths: readonly { readonly path: string; readonly seconds: number; readonly lost: number }[]
}

export interface Summary {
  readonly seconds: number
  readonly ends: readonly EndSummary[]
  readonly sent: number
  readonly lost: number
}

/** What became of everything, after the pairs have stopped. */
export function summarise(pairs: readonly ProbePair[], startedAt: number, now: number): Summary {
  const ends = pairs.flatMap((pair) => {
    const [a, b] = pair.stats()
    return [endSummary(a, b, now), endSummary(b, a, now)]
  })
  const total = (of: (end: EndSummary) => number): number => ends.reduce((sum, end) => sum + of(end), 0)
  return { seconds: Math.round((now - startedAt) / 1000), ends, sent: total(({ sent }) => sent), lost: total(({ lost }) => lost) }
}

function endSummary(end: EndStats, other: EndStats, now: number): EndSummary {
  const { sent, received, duplicates } = end.traffic
  return {
    name: end.name,
    sent,
    received,
    lost: other.traffic.sent - received,
    duplicates,
    paths: end.spans.map(({ path, from, lost }, index) => ({
      path: path.relay ? `relay VNI ${path.relay.vni}` : path.kind,
      seconds: Math.round(((end.spans[index + 1]?.from ?? now) - from) / 100) / 10,
      lost,
    })),
  }
}

export function summaryText({ seconds, ends, sent, lost }: Summary): string {
  const share = sent === 0 ? 0 : (100 * lost) / sent
  return [
    `${seconds} s, ${sent} packets sent, ${lost} lost (${share.toFixed(3)} %)`,
    ...ends.map((end) => {
      const paths = end.paths.map(({ path, seconds: time, lost: gone }) => `${path} ${time} s${gone > 0 ? ` (${gone} lost)` : ''}`).join(', ')
      return `  ${end.name}: ${end.received} received, ${end.lost} lost${paths === '' ? '' : `; ${paths}`}`
    }),
  ].join('\n')
}
