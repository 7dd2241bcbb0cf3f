import { redirect } from 'next/navigation'

/** Where a stock client that waits for approval sends its person. */
export default function Page(): never {
  redirect('/machines?show=attention')
}
