/** Two banks, and the water between them changing level. */
export function Logo({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" className={className}>
      <path fill="currentColor" d="M1 1h14v2H1zM1 13h14v2H1z" />
      <path fill="none" stroke="var(--accent)" strokeWidth="2" d="M1 10h7V6h7" />
    </svg>
  )
}
