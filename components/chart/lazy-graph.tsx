'use client'
import dynamic from 'next/dynamic'
import type { ComponentProps } from 'react'
import type { Graph as Drawn } from './graph.tsx'
import { ensureLanguage } from './language.ts'

// The plotting code is of use only once the page is there, and draws nothing on the server.
const LazyGraph = dynamic(async () => {
  ensureLanguage(navigator)
  return (await import('./graph.tsx')).Graph
}, { ssr: false })

/** A graph in its final place from the first paint on; drawn when its code is there. */
export function Graph(props: ComponentProps<typeof Drawn>) {
  return <div style={{ height: props.layout.height }}><LazyGraph {...props} /></div>
}
