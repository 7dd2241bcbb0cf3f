import type uPlot from 'uplot'
import type { PlotState } from './plot-state.ts'
import { duration } from '../ui/time.ts'

/** Colours by token, and the page's font, as a canvas needs them. */
export interface Ink { readonly color: (token: string) => string; readonly font: string }

/** Canvas pixels per CSS pixel of this drawing. */
function scaleOf(plot: uPlot): number {
  return plot.ctx.canvas.width / plot.width
}

function within(plot: uPlot, at: number): number {
  return Math.min(Math.max(plot.valToPos(at / 1000, 'x', true), plot.bbox.left), plot.bbox.left + plot.bbox.width)
}

/** A label in the lane above the frame, kept inside; left out where another label already stands. */
function laneText(plot: uPlot, text: string, x: number, taken: { until: number }, align: 'beside' | 'center', limit = Number.POSITIVE_INFINITY): void {
  const { ctx, bbox } = plot
  const width = ctx.measureText(text).width
  const room = 8 * scaleOf(plot)
  const end = bbox.left + bbox.width
  // Beside a mark's block: to its right, or to its left where the frame ends.
  const left = align === 'beside' ? (x + room + width > end ? x - room - width : x + room) : Math.min(Math.max(x - width / 2, bbox.left), end - width)
  // Nor may it run into the next mark's block.
  if (left < taken.until || (left > x && left + width > limit)) return
  ctx.textAlign = 'left'
  ctx.fillText(text, left, bbox.top - 8 * scaleOf(plot))
  taken.until = left + width + 8 * scaleOf(plot)
}

/** Below the lines: gaps, hatched, as an agent that was away is not zero. */
export function drawBack(plot: uPlot, state: PlotState, ink: Ink, lane: boolean): void {
  const { ctx, bbox } = plot
  const scale = scaleOf(plot)
  const taken = { until: 0 }
  ctx.save()
  ctx.font = ink.font.replace('11px', `${11 * scale}px`)
  for (const gap of state.gaps) {
    const left = within(plot, gap.from)
    const right = within(plot, gap.to)
    if (right - left < 1) continue
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, bbox.top, right - left, bbox.height)
    ctx.clip()
    ctx.beginPath()
    ctx.strokeStyle = ink.color('--border-strong')
    ctx.globalAlpha = 0.45
    ctx.lineWidth = scale
    for (let x = left - bbox.height; x < right; x += 5 * scale) {
      ctx.moveTo(x, bbox.top + bbox.height)
      ctx.lineTo(x + bbox.height, bbox.top)
    }
    ctx.stroke()
    ctx.restore()
    ctx.fillStyle = ink.color('--muted-foreground')
    if (lane && bbox.width > 520 * scale && right - left > 24 * scale) laneText(plot, `No report for ${duration(gap.to - gap.from)}`, (left + right) / 2, taken, 'center')
  }
  ctx.restore()
}

/** Above the lines: zero, the unit once inside the frame, marks of switching on (filled) and off. */
export function drawFront(plot: uPlot, state: PlotState, ink: Ink, lane: boolean): void {
  const { ctx, bbox } = plot
  const scale = scaleOf(plot)
  const zero = Math.round(plot.valToPos(0, 'y', true)) + 0.5
  const twoBanks = state.series.some(({ below }) => below)
  ctx.save()
  ctx.font = ink.font.replace('11px', `${11 * scale}px`)
  ctx.strokeStyle = ink.color('--border-strong')
  ctx.lineWidth = scale
  ctx.beginPath()
  ctx.moveTo(bbox.left, zero)
  ctx.lineTo(bbox.left + bbox.width, zero)
  ctx.stroke()

  ctx.fillStyle = ink.color('--foreground')
  ctx.textAlign = 'left'
  const [above] = state.series
  if (state.unit && above) {
    ctx.fillText(twoBanks ? `${above.label}, ${state.unit}` : state.unit, bbox.left + 8 * scale, bbox.top + 15 * scale)
    const below = state.series.find((series) => series.below)
    if (below) ctx.fillText(`${below.label}, ${state.unit}`, bbox.left + 8 * scale, bbox.top + bbox.height - 8 * scale)
  }

  const taken = { until: 0 }
  const marks = state.marks.filter(({ at }) => at >= state.from && at <= state.to)
  marks.forEach((mark, index) => {
    const next = marks[index + 1]
    const x = Math.round(within(plot, mark.at)) + 0.5
    ctx.strokeStyle = ink.color('--muted-foreground')
    ctx.setLineDash([2 * scale, 3 * scale])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top - (lane ? 4 * scale : 0))
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.setLineDash([])
    if (!lane) return
    ctx.strokeStyle = ink.color(mark.on ? '--accent' : '--muted-foreground')
    ctx.fillStyle = ink.color(mark.on ? '--accent' : '--surface')
    ctx.beginPath()
    ctx.roundRect(x - 3.5 * scale, bbox.top - 14 * scale, 7 * scale, 7 * scale, 1.5 * scale)
    ctx.fill()
    ctx.stroke()
    ctx.fillStyle = ink.color('--muted-foreground')
    if (bbox.width > 520 * scale) laneText(plot, mark.text, x, taken, 'beside', next ? within(plot, next.at) - 8 * scale : undefined)
    taken.until = Math.max(taken.until, x + 6 * scale)
  })
  ctx.restore()
}
