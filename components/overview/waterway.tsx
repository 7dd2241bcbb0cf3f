'use client'
import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'
import type { RelayRow } from '../../server/trpc/types.ts'
import { chamberOf, stateNames } from '../relays/relay-words.ts'
import { PathLine } from '../sessions/path.tsx'
import { Chamber } from '../ui/chamber.tsx'
import { cx } from '../ui/cx.ts'
import { formatRate, plural, rateParts } from '../ui/format.ts'
import type { Flow, Flows } from './flows.ts'
import { layoutMap } from './map-layout.ts'

function words({ from, to, relay, bits }: Flow): string {
  return `${from} to ${to} through ${relay ?? 'DERP'}, ${formatRate(bits)}`
}

const mostListed = 8

/** Cut so that it fits `width` pixels of the drawing, where text neither wraps nor is cut by itself. */
function cut(name: string, width: number): string {
  const most = Math.max(4, Math.floor(width / 7))
  return name.length > most ? `${name.slice(0, most - 1)}…` : name
}

/** The flows as a list: below 640 px in place of the drawing, and for screen readers always. */
function FlowList({ flows }: { readonly flows: readonly Flow[] }) {
  return (
    <ul className="px-4 map:sr-only">
      {flows.slice(0, mostListed).map((flow) => (
        <li key={words(flow)} className="grid grid-cols-2 gap-x-2 gap-y-1 border-t py-2 text-13 font-medium first:border-t-0">
          <span className="truncate">{flow.from}</span>
          <span className="truncate text-right">{flow.to}</span>
          <span className="col-span-2 font-normal"><PathLine kind={flow.relay === null ? 'derp' : 'relay'} bits={flow.bits}>{flow.relay ?? 'DERP'} {formatRate(flow.bits)}</PathLine></span>
        </li>
      ))}
      {flows.length > mostListed && <li className="border-t py-2 text-12 text-muted-foreground">{mostListed} of {flows.length}, the busiest</li>}
    </ul>
  )
}

function useWidth(first: number) {
  const host = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(first)
  useEffect(() => {
    if (!host.current) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.round(entry.contentRect.width))
    })
    observer.observe(host.current)
    return () => observer.disconnect()
  }, [])
  return [host, width] as const
}

/** Who sends through what: ends at the sides, relays between, the line's width is the rate; DERP is dashed. */
export function Waterway({ flows: { flows, machines, by }, relays }: { readonly flows: Flows; readonly relays: readonly RelayRow[] }) {
  const [host, width] = useWidth(1120)
  const shown = relays.filter(({ name, advertised, approved, state }) => (advertised && approved) || state === 'draining' || flows.some(({ relay }) => relay === name))
  const map = layoutMap(flows, shown.map(({ name }) => name), width)
  const byName = new Map(relays.map((relay) => [relay.name, relay]))
  const end = (name: string): string => (by === 'tag' ? plural(machines.get(name) ?? 0, 'machine') : '')
  return (
    <>
      <FlowList flows={flows} />
      <div ref={host} className="max-map:hidden mx-4 my-4">
        <svg aria-hidden="true" width={map.width} height={map.height + 4} viewBox={`0 -2 ${map.width} ${map.height + 4}`} className="block overflow-visible text-12" style={{ maxWidth: '100%' }}>
          {map.edges.map(({ flow, side, d, width: thick }) => (
            <path
              key={`${side} ${words(flow)}`} d={d} fill="none" strokeWidth={flow.relay === null ? 1.5 : thick}
              stroke={flow.relay === null ? 'var(--chart-6)' : 'var(--chart-1)'} strokeOpacity={flow.relay === null ? 1 : 0.55} {...(flow.relay === null ? { strokeDasharray: '4 3' } : {})}
            >
              <title>{words(flow)}</title>
            </path>
          ))}
          {[...map.left.map((node) => ({ node, x: map.leftX, left: true })), ...map.right.map((node) => ({ node, x: map.rightX, left: false }))].map(({ node, x, left }) => (
            <g key={`${left} ${node.name}`}>
              <rect x={x - 1.5} y={node.y} width="3" height={node.height} rx="1" fill="var(--foreground)" />
              <text x={left ? x - 10 : x + 10} y={node.y + node.height / 2 + (by === 'tag' ? -2 : 4)} textAnchor={left ? 'end' : 'start'} fill="var(--foreground)" fontWeight="500">{cut(node.name, left ? x - 10 : map.width - x - 10)}<title>{node.name}</title></text>
              {by === 'tag' && <text x={left ? x - 10 : x + 10} y={node.y + node.height / 2 + 13} textAnchor={left ? 'end' : 'start'} fill="var(--muted-foreground)">{end(node.name)}</text>}
            </g>
          ))}
        </svg>
        <div className="relative" style={{ marginTop: -(map.height + 2), height: map.height + 2 }}>
          {map.relays.map((node) => {
            const relay = byName.get(node.name)
            const { value } = rateParts(node.bits)
            const figure = node.bits > 0 || !relay ? formatRate(node.bits) : relay.state === 'relaying' ? `${value} Mbit/s` : stateNames[relay.state].toLowerCase()
            const box = cx(
              'absolute flex items-center gap-2 overflow-hidden rounded-control border bg-surface px-2.5 text-13',
              relay?.state === 'cannot' ? 'border-critical' : 'border-border-strong',
              (!relay || relay.state === 'offline') && 'border-dashed',
            )
            const place = { left: map.relayX, width: map.relayWidth, top: node.y, height: node.height }
            const inside = (
              <>
                {relay && <Chamber kind={chamberOf[relay.state]} />}
                <span className="min-w-0 truncate" title={node.name || 'DERP'}>{node.name || 'DERP'}</span>
                <span className="dim ml-auto shrink-0 whitespace-nowrap text-muted-foreground">{figure}</span>
              </>
            )
            return relay
              ? <Link key={node.name} href={`/relays/${relay.id}`} className={box} style={place}>{inside}</Link>
              : <span key="derp" className={box} style={place}>{inside}</span>
          })}
        </div>
      </div>
    </>
  )
}
