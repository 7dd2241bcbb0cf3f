/** A client says nothing of a ping that fails, so this may take its whole time. */
export function PathWaiting({ name }: { readonly name: string }) {
  return <output className="block text-13 text-muted-foreground">Asking {name}; this takes up to 12 s when it does not reach the other.</output>
}
