import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  // Built in .next and moved to a folder of its own, so that a new build takes nothing from pages that are being served.
  distDir: process.env.TOWPATH_PAGES || '.next',
  // `npm test` checks the types; a start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['@prisma/client', '@prisma/adapter-pg', 'pg', 'better-auth', 'pino'],
  experimental: { optimizePackageImports: ['lucide-react', 'radix-ui'] },
}

export default config
