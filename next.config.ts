import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  // `npm test` checks the types; a start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['@prisma/client', '@prisma/adapter-pg', 'pg', 'better-auth', 'pino'],
  experimental: { optimizePackageImports: ['lucide-react', 'radix-ui'] },
}

export default config
