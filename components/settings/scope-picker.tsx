'use client'
import type { TokenScope } from '../../server/trpc/types.ts'
import { Checkbox } from '../ui/field.tsx'
import { scopeWords } from './model/scopes.ts'

type Props = {
  readonly scopes: readonly TokenScope[]
  readonly onChange: (scopes: TokenScope[]) => void
  /** Whether the viewer may decide who the people are. */
  readonly people: boolean
  readonly error?: string
}

/** What a token may, area by area. */
export function ScopePicker({ scopes, onChange, people, error }: Props) {
  const toggle = (scope: TokenScope, on: boolean): void => onChange(on ? [...scopes, scope] : scopes.filter((one) => one !== scope))
  return (
    <fieldset className="m-0 min-w-0 border-0 p-0">
      <legend className="mb-1.5 text-13 font-medium">What it may</legend>
      <div className="grid rounded-control border">
        {scopeWords.map(({ area, read, write, what }) => (
          <div key={area} className="grid grid-cols-[minmax(0,1fr)_72px_72px] items-center gap-2 border-t px-3 py-1.5 first:border-t-0">
            <span className="min-w-0 text-13">{area} <span className="text-12 text-muted-foreground">{what}</span></span>
            <span>{read !== undefined && <Checkbox label={<><span className="sr-only">{area} </span>Read</>} checked={scopes.includes(read)} onChange={(on) => toggle(read, on)} />}</span>
            <span>
              {write !== undefined && (
                <Checkbox
                  label={<><span className="sr-only">{area} </span>Write</>}
                  checked={scopes.includes(write)}
                  disabled={write === 'people:write' && !people}
                  onChange={(on) => toggle(write, on)}
                />
              )}
            </span>
          </div>
        ))}
      </div>
      {error !== undefined && <p role="alert" className="mt-1.5 text-12 text-critical">{error}</p>}
    </fieldset>
  )
}
