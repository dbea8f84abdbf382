import { randomBytes } from "node:crypto";
import pg from "pg";
import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { AccountRef, AccountStanding, Outcome } from "../provisioning";
import { signIn } from "./client";
import { findRole, isOwn, ownRole, refusing } from "./end-sessions";
import { asProvisioner, type Call, changingBy, type Provisioner, stateOf } from "./provision-session";
import { impossible } from "./refusals";
import { roleOid, roleRefOf } from "./role-ref";
import { quoted } from "./sight";

/** Lets a role sign in again, with the password that it has. */
export async function enable(call: Call, of: AccountRef): Promise<Outcome> {
  return refusing(call, () =>
    asProvisioner(call, call.settings.database, async (provisioner) => {
      const role = await findRole(provisioner, of);
      if (role === null) return impossible(noRole(of.externalId));
      if (role.login) return { outcome: "already", detail: `"${role.name}" has LOGIN` };
      const statement = `ALTER ROLE ${quoted(role.name)} LOGIN`;
      await changingBy(provisioner, `role ${role.name}`, statement);
      return { outcome: "done", detail: statement };
    }),
  );
}

/** Drops a role that cannot sign in. What it owns or was given by others keeps it, and is named. */
export async function remove(call: Call, of: AccountRef): Promise<Outcome> {
  if (isOwn(call.settings, of)) return impossible(ownRole(of.externalId));
  return refusing(call, () =>
    asProvisioner(call, call.settings.database, async (provisioner) => {
      const role = await findRole(provisioner, of);
      if (role === null) return { outcome: "already", detail: `there is no role "${of.externalId}"` };
      if (role.login) {
        return impossible({
          because: `"${role.name}" can sign in`,
          remedy: "Somebody let it in again. If it is to go, shut it first.",
        });
      }
      return drop(provisioner, role.name);
    }),
  );
}

/** Asks the catalogs, and signs in with a password that nobody has: whoever is let in needs none. */
export async function probe(call: Call, of: AccountRef): Promise<AccountStanding> {
  const seen = await asProvisioner(call, call.settings.database, (provisioner) => look(provisioner, of));
  if (seen === null) {
    const detail = `there is no role "${of.externalId}"`;
    return { there: false, open: false, sessions: 0, signIn: "not_tried", detail, outlives: [] };
  }
  const tried = await trySignIn(call, seen.name);
  const { login, sessions } = seen;
  const facts = `pg_roles: rolcanlogin of "${seen.name}" is ${login}; pg_stat_activity: ${sessions} sessions`;
  return {
    there: true,
    open: login,
    sessions,
    signIn: tried.signIn,
    detail: `${facts}; a sign-in was ${tried.signIn}: ${tried.said}`,
    outlives: [],
  };
}

const standingRow = z.object({ name: z.string(), login: z.boolean(), sessions: z.number().int() });

async function look(provisioner: Provisioner, of: AccountRef): Promise<z.infer<typeof standingRow> | null> {
  const { name, oid } = roleRefOf(provisioner.cluster, of);
  const [row] = await provisioner.session.ask(
    `select r.rolname::text as name, r.rolcanlogin as login,
      (select count(*)::int from pg_stat_activity a where a.usesysid = r.oid) as sessions
    from pg_roles r where r.oid = ${roleOid("$1", "$2")}`,
    [name, oid],
    standingRow,
  );
  return row ?? null;
}

async function trySignIn(call: Call, name: string): Promise<{ signIn: "refused" | "accepted"; said: string }> {
  const as = {
    ...call,
    settings: { ...call.settings, provisionUser: name },
    secrets: { ...call.secrets, provisionPassword: randomBytes(24).toString("base64url") },
  };
  try {
    const session = await signIn(as, call.settings.database, "gives");
    await session.close();
    return { signIn: "accepted", said: "the server asked for no password that is right" };
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "credentials") throw error;
    return { signIn: "refused", said: error.cause instanceof Error ? error.cause.message : error.message };
  }
}

async function drop(provisioner: Provisioner, name: string): Promise<Outcome> {
  const statement = `DROP ROLE IF EXISTS ${quoted(name)}`;
  try {
    await changingBy(provisioner, `role ${name}`, statement);
    return { outcome: "done", detail: statement };
  } catch (error) {
    if (stateOf(error) !== "2BP01" || !(error instanceof ConnectorError)) throw error;
    const detail = error.cause instanceof pg.DatabaseError ? error.cause.detail : undefined;
    return impossible({
      because: `"${name}" cannot be dropped: ${(detail ?? error.message).replaceAll("\n", ", ").slice(0, 1_000)}`,
      remedy: `As a superuser, in each database named: REASSIGN OWNED BY ${quoted(name)} TO "whoever_takes_over"; DROP OWNED BY ${quoted(name)}; then try again.`,
    });
  }
}

function noRole(name: string) {
  return {
    because: `there is no role "${name}"`,
    remedy: "It was dropped: make it anew, and ask for its access again.",
  };
}
