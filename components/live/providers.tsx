'use client'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { type ReactNode, useState } from 'react'
import { createClient } from './client.ts'
import { TRPCProvider } from './trpc.ts'

const Toaster = dynamic(async () => (await import('../ui/toaster.tsx')).Toaster, { ssr: false })

/** An answer that says what to do is final; only silence is tried again. */
function shouldRetry(count: number, error: unknown): boolean {
  const answered = typeof error === 'object' && error !== null && Boolean(Reflect.get(error, 'data'))
  return !answered && count < 2
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // Lists are asked for again when the server says that they changed; focus alone is no reason.
      queries: { staleTime: 10_000, refetchOnWindowFocus: false, retry: shouldRetry },
      mutations: { retry: false },
    },
  })
}

export function Providers({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(createQueryClient)
  const [trpcClient] = useState(createClient)
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
        <Toaster />
      </TRPCProvider>
    </QueryClientProvider>
  )
}
