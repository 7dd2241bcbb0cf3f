'use client'
import Link from 'next/link'
import type { DerpPair } from '../../server/trpc/types.ts'
import { PathButton } from '../path/path-button.tsx'
import { Rate } from '../ui/figures.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { MachineName } from './ends.tsx'
import { PathLine } from './path.tsx'

/** Where to go for a pair on DERP: the grant's line, else the policy. */
export function derpHref({ line }: Pick<DerpPair, 'line'>): string {
  return line === null ? '/access' : `/access?line=${line}`
}

/** Pairs whose packets go over DERP, and why no relay carries them. */
export function DerpTable({ pairs }: { readonly pairs: readonly DerpPair[] }) {
  return (
    <Table label="Pairs on DERP" cards compact>
      <Head><Th>A</Th><Th className="w-[18%] !px-0 !text-center">Path</Th><Th>B</Th><Th num>A to B</Th><Th num>B to A</Th><Th>Why</Th><Th><span className="sr-only">Path</span></Th></Head>
      <tbody>
        {pairs.map((pair) => (
          <tr key={`${pair.a.id} ${pair.b.id}`}>
            <Td className="max-card:col-span-2 max-card:row-start-1"><MachineName machine={pair.a} /></Td>
            <Td card="wide" className="max-card:row-start-2 !px-0"><PathLine kind="derp">DERP</PathLine></Td>
            <Td className="max-card:col-start-3 max-card:row-start-1 max-card:!text-right"><MachineName machine={pair.b} /></Td>
            <Td num label="A to B"><Rate bits={pair.rateFromA} /></Td>
            <Td num label="B to A"><Rate bits={pair.rateFromB} /></Td>
            <Td card="wide" label="Why">{pair.why} <Link className="link whitespace-nowrap" href={derpHref(pair)}>{pair.line === null ? 'Access' : `line ${pair.line}`}</Link></Td>
            <Td card="action"><PathButton a={pair.a} b={pair.b} /></Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
