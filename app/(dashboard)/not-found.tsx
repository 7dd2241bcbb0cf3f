import { ButtonLink } from '@/components/ui/button.tsx'
import { PageTitle } from '@/components/ui/page-title.tsx'

export default function NotFound() {
  return <PageTitle title="Not found" answer={<><b>Nothing has this address.</b> It may have been removed, or the link is cut short.</>} actions={<ButtonLink href="/">Overview</ButtonLink>} />
}
