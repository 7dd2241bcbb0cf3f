import { TriangleAlert } from 'lucide-react'
import type { SessionRow } from '../../server/trpc/types.ts'
import { Icon } from '../ui/icon.tsx'
import { Td } from '../ui/table.tsx'
import { tooBigWords } from './too-big-words.ts'

/** Below its session's row: what was too large for the way, and what fixes it. Nothing where nothing was. */
export function TooBigRow({ row, columns }: { readonly row: SessionRow; readonly columns: number }) {
  const words = tooBigWords(row)
  if (words === undefined) return null
  return (
    <tr>
      <Td colSpan={columns} card="wide" className="whitespace-normal !py-2 text-12">
        <span className="flex items-start gap-2">
          <Icon icon={TriangleAlert} className="mt-0.5 !size-3.5 text-warning" />
          <span className="min-w-0 max-w-[90ch]">{words.what.join(' ')} <span className="text-muted-foreground">{words.advice}</span></span>
        </span>
      </Td>
    </tr>
  )
}
