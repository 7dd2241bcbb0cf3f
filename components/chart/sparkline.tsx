/** One line through what is known; hatched where nothing was reported. y from 0. */
export function Sparkline({ values, label, width = 112, height = 26 }: {
  readonly values: readonly (number | null)[]
  readonly label: string
  readonly width?: number
  readonly height?: number
}) {
  const max = Math.max(1, ...values.map((value) => value ?? 0))
  const step = values.length > 1 ? (width - 4) / (values.length - 1) : 0
  const base = height - 2.5
  const runs: { readonly x: number; readonly y: number }[][] = []
  let open = false
  values.forEach((value, index) => {
    if (value === null) {
      open = false
      return
    }
    const point = { x: 2 + index * step, y: base - (value / max) * (base - 3) }
    const run = runs.at(-1)
    if (open && run) run.push(point)
    else runs.push([point])
    open = true
  })
  if (runs.length === 0) {
    return <span className="spark hatch block border-b" style={{ width, height: height - 6 }}><span className="sr-only">{label}: no reports</span></span>
  }
  const last = values.at(-1) === null ? undefined : runs.at(-1)?.at(-1)
  return (
    <span className="block">
      <svg aria-hidden="true" viewBox={`0 0 ${width} ${height}`} width={width} height={height} className="spark block">
        <line x1="2" x2={width - 2} y1={base} y2={base} stroke="var(--border)" />
        {runs.map((run) => {
          const [first] = run
          const end = run.at(-1)
          if (!first || !end) return null
          const line = run.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')
          return (
            <g key={first.x}>
              <path d={`M${first.x} ${base}L${line}L${end.x} ${base}Z`} fill="var(--chart-1)" opacity="0.13" />
              <path d={`M${line}`} fill="none" stroke="var(--chart-1)" strokeWidth="1.3" strokeLinejoin="round" />
            </g>
          )
        })}
        {last && <circle cx={last.x} cy={last.y} r="2" fill="var(--chart-1)" />}
      </svg>
      <span className="sr-only">{label}</span>
    </span>
  )
}
