import { z } from "zod";
import type { CheckResult, Connector, Context, UsageEvent } from "../contract";
import { canGive } from "./access-target";
import { sessionsSql } from "./catalog";
import { checkProvisioner } from "./check-provisioner";
import { signIn, verifiesCertificate } from "./client";
import { disable, endSessions, isOwn } from "./end-sessions";
import { addressOf } from "./failures";
import { grant, readBack, revoke, together } from "./give-access";
import { deliver, issue, readBackIssued } from "./issue-account";
import { enable, probe, remove } from "./leave-account";
import { mayProvision } from "./provision-session";
import { lookAround, readRoll } from "./read-roll";
import { revokeAll } from "./revoke-all";
import { enclosing, patternGrants, permissionsOn } from "./rules";
import { type Secrets, type Settings, secrets, sessionRow, settings } from "./schema";
import { setUp } from "./set-up";
import { hiddenDatabases, hiddenThings, selectDatabases } from "./sight";
import { withdraw } from "./withdraw-account";

type PostgresqlContext = Context<Settings, Secrets>;

/** A PostgreSQL cluster: its roles, and what each may do on what. */
export const postgresql: Connector<Settings, Secrets> = {
  name: "postgresql",
  label: "PostgreSQL",
  description: "Roles, memberships and every privilege in the databases of a PostgreSQL cluster.",
  settings,
  secrets,
  words: { account: "login role", group: "role" },
  setup: setUp,
  check,
  read: readRoll,
  usage,
  patternGrants,
  enclosing,
  permissionsOn,
  mayProvision,
  canGive,
  grant,
  revoke,
  readBack,
  endSessions,
  together,
  revokeAll,
  disable,
  enable,
  remove,
  probe,
  isOwn,
  issue,
  deliver,
  withdraw,
  readBackIssued,
};

async function check(context: PostgresqlContext): Promise<CheckResult> {
  const { settings } = context;
  const session = await signIn(context, settings.database);
  const gives = checkProvisioner(context);
  // Awaited below; where the reader's own check throws first, that is what is told.
  gives.catch(() => undefined);
  try {
    const { facts, cluster } = await lookAround(session);
    const databases = selectDatabases(settings, cluster.databases);
    return {
      system: `PostgreSQL ${facts.version} at ${addressOf(settings)}${facts.in_recovery ? " (a standby)" : ""}`,
      as: facts.superuser ? `${facts.as} (a superuser: reading needs much less)` : facts.as,
      sees: [
        `${facts.roles} roles, their attributes and memberships`,
        databases.length === 0
          ? "no database from inside"
          : `every object, owner and privilege in ${databases.length === 1 ? "the database" : `${databases.length} databases:`} ${listed(databases)}`,
        ...(facts.passwords === "hidden"
          ? []
          : ["which roles have a password, and how it is stored; never the password"]),
        facts.sees_sessions
          ? "open sessions, when they were last active and from where"
          : "that roles have open sessions",
        session.encrypted ? howVerified(settings) : "all of this over a connection that is not encrypted",
      ],
      cannotSee: [...hiddenDatabases(settings, cluster.databases), ...hiddenThings(facts, settings)],
      ...(await gives),
    };
  } finally {
    await session.close();
  }
}

function listed(names: string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

function howVerified(settings: Settings): string {
  if (settings.sslmode === "verify-full")
    return "all of this over an encrypted connection to a server that proved who it is";
  if (verifiesCertificate(settings))
    return "all of this over an encrypted connection to a server with a trusted certificate";
  return "all of this over an encrypted connection, to a server that did not have to prove who it is";
}

const usageCursor = z.object({ lastAt: z.record(z.string(), z.string()) }).catch({ lastAt: {} });

/** A sample: whose sessions are open now. An activity that the cursor knows is not told twice. */
async function* usage(context: PostgresqlContext): AsyncGenerator<{ events: UsageEvent[]; cursor: unknown }> {
  const known = new Map(Object.entries(usageCursor.parse(context.cursor ?? {}).lastAt));
  const session = await signIn(context, context.settings.database);
  try {
    const rows = await session.all(sessionsSql, sessionRow);
    const fresh = rows.filter(({ account, at }) => known.get(account) !== at.toISOString());
    const events = fresh.map(({ account, at, from, sessions }) => {
      return { account, at, uses: sessions, ...(from === null ? {} : { from }) };
    });
    yield {
      events,
      cursor: { lastAt: Object.fromEntries(rows.map(({ account, at }) => [account, at.toISOString()])) },
    };
  } finally {
    await session.close();
  }
}
