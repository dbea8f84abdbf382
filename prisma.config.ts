import { defineConfig } from "prisma/config";

// The product applies prisma/migrations itself (lib/db/migrate.ts); the url serves those who run Prisma's own tools.
export default defineConfig({
  schema: "prisma/schema",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgresql://unused" },
});
