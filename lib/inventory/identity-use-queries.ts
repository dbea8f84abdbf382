import { z } from "zod";
import type { Actor } from "../auth/actor";
import type { IdentityKind } from "../connectors/schema";
import { rows } from "../db/client";
import { dayMs, now, plus } from "../time";
import { assertMayRead } from "./identity-queries";
import { type LastUseRow, lastUseColumns, lastUseOf } from "./last-use";
import type { LastUse } from "./schema";

const calendarInput = z.object({ id: z.string(), until: z.date().optional() });

/** A year of use, by day; and which part of it was watched at all. */
export type UsageCalendar = {
  /** First and last day, as YYYY-MM-DD in UTC. */
  from: string;
  to: string;
  /** Days with use. A day that is absent had none that was seen. */
  days: { day: string; uses: number }[];
  /** Each system the identity has an account in, and since when its record of use is complete. */
  coverage: { connection: string; complete: boolean; since: string | null; because: string | null }[];
};

/** When an identity was used in the 53 weeks until `until` (default: now). */
export async function getUsageCalendar(actor: Actor, input: z.input<typeof calendarInput>): Promise<UsageCalendar> {
  const { id, until = now() } = calendarInput.parse(input);
  await assertMayRead(actor, id);
  const to = until.toISOString().slice(0, 10);
  const from = plus(until, -(53 * 7 - 1) * dayMs)
    .toISOString()
    .slice(0, 10);
  const days = await rows<{ day: string; uses: string }>(
    `select to_char(u.day, 'YYYY-MM-DD') as day, sum(u.uses) as uses
     from principals p join usage_days u on u.principal_id = p.id and u.day between $2::date and $3::date
     where p.identity_id = $1 group by u.day order by u.day`,
    [id, from, to],
  );
  const coverage = await rows<{ connection: string; coverage: { account?: Coverage } }>(
    `select distinct c.name as connection, c.coverage from principals p join connections c on c.id = p.connection_id
     where p.identity_id = $1 and p.removed_at is null order by 1`,
    [id],
  );
  return {
    from,
    to,
    days: days.map((row) => ({ day: row.day, uses: Number(row.uses) })),
    coverage: coverage.map(({ connection, coverage: { account } }) => ({
      connection,
      complete: account?.complete ?? false,
      since: account?.since?.slice(0, 10) ?? null,
      because: account?.because ?? null,
    })),
  };
}

type Coverage = { complete?: boolean; since?: string | null; because?: string };

const byId = z.object({ id: z.string() });

/** A place from which an identity was used. */
export type Origin = { from: string; connection: string; uses: number; days: number; firstAt: Date; lastAt: Date };

/** From where an identity was used, the latest first. At most 200. */
export async function listIdentityOrigins(actor: Actor, input: z.input<typeof byId>): Promise<Origin[]> {
  const { id } = byId.parse(input);
  await assertMayRead(actor, id);
  const found = await rows<{
    from: string;
    connection: string;
    uses: string;
    days: number;
    first_at: Date;
    last_at: Date;
  }>(
    `select u.last_from as "from", c.name as connection, sum(u.uses) as uses, count(distinct u.day)::int as days,
       min(u.last_at) as first_at, max(u.last_at) as last_at
     from principals p join usage_days u on u.principal_id = p.id join connections c on c.id = u.connection_id
     where p.identity_id = $1 and u.last_from is not null group by 1, 2 order by last_at desc limit 200`,
    [id],
  );
  return found.map(({ first_at, last_at, uses, ...row }) => ({
    ...row,
    uses: Number(uses),
    firstAt: first_at,
    lastAt: last_at,
  }));
}

export type Owned = {
  id: string;
  name: string;
  kind: IdentityKind;
  as: "owner" | "backup owner";
  privilege: number;
  lastUse: LastUse;
};

/** What an identity owns or backs up, by name. At most 500. */
export async function listOwned(actor: Actor, input: z.input<typeof byId>): Promise<Owned[]> {
  const { id } = byId.parse(input);
  await assertMayRead(actor, id);
  const found = await rows<Omit<Owned, "lastUse" | "as"> & { owns: boolean } & LastUseRow>(
    `select id, name, kind, privilege, owner_id = $1 as owns, ${lastUseColumns("i")}
     from identities i where removed_at is null and $1 in (owner_id, backup_owner_id) order by lower(name), id limit 500`,
    [id],
  );
  return found.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    as: row.owns ? "owner" : "backup owner",
    privilege: row.privilege,
    lastUse: lastUseOf(row),
  }));
}
