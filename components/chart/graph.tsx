'use client'
import { useEffect, useRef } from 'react'
import 'uplot/dist/uPlot.min.css'
import { useDark } from '../shell/theme.ts'
import { createPlot, type Plot } from './plot.ts'
import type { PlotLayout, PlotState } from './plot-state.ts'

/**
 * One graph. `label` says in words what it shows, as a canvas says nothing; give the page a table of the same figures as well.
 * `onZoom` gets the dragged range, milliseconds since the epoch.
 */
export function Graph({ label, state, layout, onZoom }: {
  readonly label: string
  readonly state: PlotState
  readonly layout: PlotLayout
  readonly onZoom?: (from: number, to: number) => void
}) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | null>(null)
  const newest = useRef({ state, onZoom })
  const dark = useDark()
  const { height, xAxis, lane, tip, sync, zoom } = layout
  const shape = state.series.map(({ key }) => key).join(' ')

  // Before the plot is made, so that it starts with what is shown now.
  useEffect(() => {
    newest.current = { state, onZoom }
    plot.current?.update(state)
  })

  useEffect(() => {
    if (!host.current) return
    const made = createPlot(host.current, newest.current.state, { height, xAxis, lane, tip, sync, zoom }, (from, to) => newest.current.onZoom?.(from, to))
    plot.current = made
    return () => {
      plot.current = null
      made.destroy()
    }
    // Colours and the number of lines are fixed in a plot.
  }, [height, xAxis, lane, tip, sync, zoom, dark, shape])

  return <figure aria-label={label} className="relative m-0"><div ref={host} aria-hidden="true" style={{ height }} /></figure>
}
