import type { Metadata, Viewport } from 'next'
import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { ReactNode } from 'react'
import { Providers } from '@/components/live/providers.tsx'
import { firstPaint } from '@/components/shell/first-paint.ts'
import { ClockProvider } from '@/components/ui/clock.tsx'
import { requestClock } from './request-clock.ts'
import './globals.css'

export const metadata: Metadata = { title: { default: 'Towpath', template: '%s · Towpath' }, robots: { index: false } }
export const viewport: Viewport = { themeColor: [{ media: '(prefers-color-scheme: light)', color: '#f7fafa' }, { media: '(prefers-color-scheme: dark)', color: '#0c1011' }] }

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const clock = await requestClock()
  return (
    // The theme is set before the first paint, so the server cannot know these attributes.
    <html lang="en" suppressHydrationWarning className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <head>
        <script dangerouslySetInnerHTML={{ __html: firstPaint }} />
      </head>
      <body>
        <ClockProvider {...clock}>
          <Providers>{children}</Providers>
        </ClockProvider>
      </body>
    </html>
  )
}
