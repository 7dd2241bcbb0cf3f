import { ButtonLink } from '../ui/button.tsx'
import { Command } from '../ui/copy.tsx'

/** A link that does nothing any more: why, and what to do instead. */
export function DeadLink({ text, purpose }: { readonly text: string; readonly purpose: 'owner' | 'invite' }) {
  return (
    <div className="grid gap-4">
      <div>
        <h1 className="text-24 font-semibold tracking-[-.02em]">This link does not work</h1>
        <p className="mt-1 text-14 text-muted-foreground">{text}</p>
      </div>
      {purpose === 'owner' && (
        <div className="grid gap-1.5">
          <Command text="npm run owner-link" what="the command for a new owner link" />
          <p className="text-12 text-muted-foreground">With <code>--data</code>, where the data folder is not the default.</p>
        </div>
      )}
      <div><ButtonLink href="/sign-in">Sign in</ButtonLink></div>
    </div>
  )
}
