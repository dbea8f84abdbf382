import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { giveMany } from "@/lib/requests/test-many-grants";
import type { World } from "@/lib/requests/test-world";
import { nowMs } from "@/lib/time";
import { type Figure, timed } from "./measure";
import { until } from "./until";

/** A thousand accounts of a thousand people, each with a grant, all of which end in the same second. */
export async function manyEnds(world: World, target: pg.Client): Promise<Figure> {
  const count = 1_000;
  const endsAtMs = nowMs() + 25_000;
  await giveMany(world, target, count, new Date(endsAtMs));
  await wait(Math.max(0, endsAtMs - nowMs()));
  const oursMs = await timed(() =>
    until(
      async () => {
        const left = await target.query(
          "select 1 from pg_auth_members where member::regrole::text like 'many\\_%' limit 1",
        );
        return left.rows.length === 0;
      },
      { limitMs: 180_000, everyMs: 100 },
    ),
  );
  return {
    what: `${count} grants that end in the same second, two workers`,
    bareMs: null,
    oursMs,
    atMost: { ms: 30_000 },
  };
}
