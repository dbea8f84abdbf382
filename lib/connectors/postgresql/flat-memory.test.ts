import { expect, it } from "vitest";
import { startServer18 } from "../../db/test-clusters";
import { postgresql } from "./connector";
import { settings } from "./schema";

const mb = 1024 * 1024;

it("reads five thousand tables with their privileges in flat memory", async () => {
  const server = await startServer18();
  try {
    const client = await server.connect("rollcall");
    await client.query("create role reporting");
    for (let batch = 0; batch < 5; batch++) {
      await client.query(`do $$ begin for i in 1..1000 loop
        execute format('create table public.t%s_%s (id int)', ${batch}, i);
        execute format('grant select, insert on public.t%s_%s to reporting', ${batch}, i);
      end loop; end $$`);
    }
    await client.end();
    const count = () => readAll(server.port, server.user, server.password);
    // Once to warm up; the second read must not need more than the first left behind.
    const first = await count();
    const before = process.memoryUsage().rss;
    const second = await count();
    expect(second.items).toBe(first.items);
    expect(second.items).toBeGreaterThan(5_000 * 12);
    expect(Math.round((second.peak - before) / mb)).toBeLessThan(64);
    expect(second.largestPage).toBeLessThan(20_000);
    console.info(
      `${second.items} observations in ${Math.round(second.ms)} ms, ${Math.round((second.peak - before) / mb)} MB more`,
    );
  } finally {
    await server.stop();
  }
}, 180_000);

async function readAll(port: number, user: string, password: string) {
  const context = {
    settings: settings.parse({ host: "127.0.0.1", port, user, database: "rollcall", databases: "one" }),
    secrets: { password, provisionPassword: "" },
    signal: new AbortController().signal,
    now: new Date("2026-11-21T12:00:00Z"),
  };
  const found = { items: 0, peak: 0, largestPage: 0, ms: performance.now() };
  for await (const event of postgresql.read?.(context) ?? []) {
    if (event.type !== "observations") continue;
    found.items += event.items.length;
    found.largestPage = Math.max(found.largestPage, event.items.length);
    found.peak = Math.max(found.peak, process.memoryUsage().rss);
  }
  return { ...found, ms: performance.now() - found.ms };
}
