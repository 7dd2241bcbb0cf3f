import { notFound } from 'next/navigation'

/** An address that no page has: said inside the dashboard, with its rail, to who is signed in. */
export default function Page(): never {
  notFound()
}
