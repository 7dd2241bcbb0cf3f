import type { PlotState } from './plot-state.ts'

function element(tag: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  if (text) made.textContent = text
  return made
}

/** The tooltip of a graph: beside the crosshair, never under the pointer. */
export interface Tip {
  /** `left` in CSS pixels within the frame; index null: no report there. */
  show(state: PlotState, index: number | null, at: number, left: number, width: number): void
  hide(): void
}

export function createTip(over: HTMLElement, kind: 'box' | 'label'): Tip {
  const box = element('div', kind === 'box' ? 'graph-tip' : 'graph-value')
  box.hidden = true
  over.append(box)
  return {
    show(state, index, at, left, width) {
      const shown = state.series.filter(({ hidden }) => !hidden)
      const values = shown.map((series) => ({ series, value: index === null ? null : (series.values[index] ?? null) }))
      const known = values.some(({ value }) => value !== null)
      if (kind === 'label') {
        const [first] = values
        box.textContent = first && first.value !== null ? state.text(first.value) : ''
      } else {
        box.replaceChildren(element('div', 'graph-tip-time', state.exact(known && index !== null ? (state.times[index] ?? at) : at)))
        if (!known) box.append(element('div', '', 'No report'))
        for (const { series, value } of values) {
          if (value === null) continue
          const row = element('div', 'graph-tip-row')
          const key = element('span', 'graph-key')
          key.style.setProperty('--c', `var(${series.color})`)
          if (series.dashed) key.dataset['dashed'] = ''
          row.append(key, element('span', '', series.label), element('b', '', state.text(value)))
          box.append(row)
        }
      }
      box.hidden = false
      const own = box.offsetWidth
      const beside = left + 12 + own > width ? left - 12 - own : left + 12
      box.style.left = `${Math.max(0, beside)}px`
    },
    hide() {
      box.hidden = true
    },
  }
}
