import uPlot from 'uplot'
import { drawBack, drawFront, type Ink } from './draw.ts'
import type { PlotLayout, PlotSeries, PlotState } from './plot-state.ts'
import { nearest } from './scale.ts'
import { createTip } from './tip.ts'

export interface Plot {
  update(state: PlotState): void
  destroy(): void
}

function drawn(series: PlotSeries): (number | null)[] {
  if (series.hidden) return series.values.map(() => null)
  return series.below ? series.values.map((value) => (value === null ? null : -value)) : [...series.values]
}

function dataOf(state: PlotState): uPlot.AlignedData {
  return [state.times.map((at) => at / 1000), ...state.series.map(drawn)]
}

function readInk(element: HTMLElement): Ink {
  const style = getComputedStyle(element)
  return { color: (name) => style.getPropertyValue(name).trim(), font: `11px ${style.fontFamily}` }
}

/** A colour token with an opacity, as #rrggbbaa. */
function thin(hex: string, share: number): string {
  return hex + Math.round(share * 255).toString(16).padStart(2, '0')
}

/** Room at the left for three digits and a decimal point, the same in all graphs of a page, so that their crosshairs meet. */
const leftRoom = 48
const laneRoom = 22
/** Half of the widest time of the axis, which may stand at the very end. */
const rightRoom = 24

/** Draws into `host` until destroyed. Colours are read once: make it anew when the theme changes. */
export function createPlot(host: HTMLElement, first: PlotState, layout: PlotLayout, onZoom: (from: number, to: number) => void): Plot {
  let state = first
  const ink = readInk(host)
  const twoBanks = first.series.some(({ below }) => below)
  const splits = (): number[] => (twoBanks ? [-state.max, -state.max / 2, 0, state.max / 2, state.max] : [0, state.max / 2, state.max])
  const muted = ink.color('--muted-foreground')
  const grid = { stroke: ink.color('--chart-grid'), width: 1 }
  const steps = uPlot.paths.stepped?.({ align: 1 })

  const options: uPlot.Options = {
    width: Math.max(host.clientWidth, 120),
    height: layout.height,
    padding: [layout.lane ? laneRoom : 8, rightRoom, layout.xAxis ? 0 : 6, 0],
    legend: { show: false },
    cursor: {
      y: false,
      sync: { key: layout.sync, setSeries: false },
      drag: { x: layout.zoom, y: false, setScale: false },
      points: { size: 7, width: 1.5, stroke: () => ink.color('--surface'), fill: (_plot, index) => ink.color(state.series[index - 1]?.color ?? '--chart-1') },
    },
    scales: {
      x: { time: true, range: () => [state.from / 1000, state.to / 1000] },
      y: { range: () => [twoBanks ? -state.max : 0, state.max] },
    },
    axes: [
      {
        show: layout.xAxis, stroke: muted, font: ink.font, size: 24, gap: 4, space: 72, grid, ticks: { show: false },
        values: (_plot, at) => at.map((second) => state.time(second * 1000, state.to - state.from < 600_000)),
      },
      { stroke: muted, font: ink.font, size: leftRoom, gap: 8, grid, ticks: { show: false }, splits, values: (_plot, at) => at.map((value) => state.tick(Math.abs(value))) },
    ],
    series: [
      {},
      ...first.series.map((series): uPlot.Series => ({
        label: series.label,
        stroke: ink.color(series.color),
        width: 1.5,
        fill: series.dashed ? 'transparent' : thin(ink.color(series.color), 0.13),
        fillTo: 0,
        points: { show: false },
        ...(series.dashed ? { dash: [4, 3] } : {}),
        ...(series.stepped && steps ? { paths: steps } : {}),
      })),
    ],
    hooks: {
      drawClear: [(plot) => drawBack(plot, state, ink, layout.lane)],
      draw: [(plot) => drawFront(plot, state, ink, layout.lane)],
      setCursor: [(plot) => follow(plot)],
      setSelect: [
        (plot) => {
          if (plot.select.width < 8) return
          onZoom(plot.posToVal(plot.select.left, 'x') * 1000, plot.posToVal(plot.select.left + plot.select.width, 'x') * 1000)
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false)
        },
      ],
    },
  }

  const plot = new uPlot(options, dataOf(first), host)
  const tip = createTip(plot.over, layout.tip)
  let pointed = false
  plot.over.addEventListener('pointerenter', () => { pointed = true })
  plot.over.addEventListener('pointerleave', () => { pointed = false; tip.hide() })

  function follow(moved: uPlot): void {
    const left = moved.cursor.left ?? -1
    // The box stands where the pointer is; the one value stands in every graph of the page.
    if (left < 0 || (layout.tip === 'box' && !pointed)) return tip.hide()
    const at = moved.posToVal(left, 'x') * 1000
    tip.show(state, nearest(state.times, at, state.reach), at, left, moved.over.clientWidth)
  }

  const observer = new ResizeObserver(() => {
    if (host.clientWidth > 0) plot.setSize({ width: host.clientWidth, height: layout.height })
  })
  observer.observe(host)

  return {
    update(next) {
      state = next
      plot.setData(dataOf(next), true)
    },
    destroy() {
      observer.disconnect()
      plot.destroy()
    },
  }
}
