import type { CSSProperties, ReactNode } from 'react'

/** The line's width in pixels: one more for each tenfold of the rate, 1.5 to 4.5. */
export function lineWidth(bits: number): number {
  if (bits <= 100_000) return 1.5
  return Math.min(4.5, 1.5 + Math.log10(bits / 100_000))
}

/** What carries a pair's packets, on the line between them. */
export function PathLine({ kind = 'relay', bits = 0, children }: { readonly kind?: 'relay' | 'derp' | 'ended'; readonly bits?: number; readonly children: ReactNode }) {
  const style: CSSProperties & { '--w': string } = { '--w': `${lineWidth(bits).toFixed(1)}px` }
  return <span className="path" data-kind={kind} style={style}><span>{children}</span></span>
}
