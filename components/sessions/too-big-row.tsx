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
    <tr data-below>
      <Td colSpan={columns} card="wide" className="whitespace-normal text-12">
        <span className="flex items-start gap-2">
          <Icon icon={TriangleAlert} className="mt-0.5 !size-3.5 text-warning" />
          <span className="min-w-0 max-w-[130ch]">
            {words.what.join(' ')}
            <span className="block text-muted-foreground">{words.advice} <code>{words.command}</code></span>
          </span>
        </span>
      </Td>
    </tr>
  )
}
