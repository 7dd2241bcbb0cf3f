'use client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import type { AppRouter } from '../../server/trpc/types.ts'

/** `useTRPC()` gives query, mutation and subscription options for react-query, typed by the router. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()
