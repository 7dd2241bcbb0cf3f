'use client'
import { useEffect, useRef, useState, type ReactNode } from 'react'

/** Rows in a piece: enough for a screen, few enough to draw within a frame. */
const pieceSize = 40

/**
 * The rows of a table that may be very long, as one `tbody` for each piece of them: those far out of sight are an empty row of
 * their height. `estimate`: the height of a row that was not drawn yet.
 */
export function RowPieces<Row>({ rows, columns, estimate, children }: {
  readonly rows: readonly Row[]
  readonly columns: number
  readonly estimate: number
  readonly children: (row: Row) => ReactNode
}) {
  const pieces = Array.from({ length: Math.ceil(rows.length / pieceSize) }, (_, at) => rows.slice(at * pieceSize, (at + 1) * pieceSize))
  // The pieces are told apart by their place alone: rows may move from one to the next.
  return pieces.map((piece, at) => (
    <Piece key={`${at}`} alone={pieces.length === 1} first={at === 0} columns={columns} estimate={estimate * piece.length}>{() => piece.map(children)}</Piece>
  ))
}

function Piece({ alone, first, columns, estimate, children }: {
  readonly alone: boolean
  readonly first: boolean
  readonly columns: number
  readonly estimate: number
  readonly children: () => ReactNode
}) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [near, setNear] = useState(first)
  const [height, setHeight] = useState(estimate)
  useEffect(() => {
    const element = body.current
    if (element === null || alone) return
    const observer = new IntersectionObserver(([entry]) => {
      if (entry === undefined) return
      // What has the focus stays, however far one scrolls.
      const stays = entry.isIntersecting || element.contains(document.activeElement)
      if (!stays && element.querySelector('[data-spacer]') === null) setHeight(entry.boundingClientRect.height)
      setNear(stays)
    }, { rootMargin: '1000px 0px' })
    observer.observe(element)
    return () => observer.disconnect()
  }, [alone])
  return (
    <tbody ref={body} className="[&:not(:last-of-type)>tr:last-child]:border-b">
      {near || alone ? children() : <tr data-spacer style={{ height }}><td colSpan={columns} className="text-12 text-muted-foreground">Further rows</td></tr>}
    </tbody>
  )
}
