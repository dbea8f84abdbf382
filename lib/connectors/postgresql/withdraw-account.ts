import pg from "pg";
import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { AccountRef, Outcome } from "../provisioning";
import { cutOffWholly } from "./end-sessions";
import { findIssued, type Issued, whatItOwns, whatStands } from "./issued-account";
import { asProvisioner, type Call, changing, type Provisioner, stateOf } from "./provision-session";
import { impossible } from "./refusals";
import { quoted } from "./sight";
import { clearDatabase } from "./withdraw-from-database";

/**
 * Ends an issued account: no login, no password, no session, nothing of what this connection gave. What it made goes to a
 * role that it was a member of. The role goes too; where something still hangs on it, it stays without login, and the
 * outcome names that.
 */
export async function withdraw(call: Call, of: AccountRef): Promise<Outcome> {
  return asProvisioner(call, call.settings.database, async (provisioner) => {
    const before = await findIssued(provisioner, of);
    if (before === null) return { outcome: "already", detail: `there is no role "${of.externalId}"` };
    if (!before.made) {
      return impossible({
        because: `the role "${before.name}" was not made by Rollcall`,
        remedy: "If it was, somebody changed its comment: end it by hand, with NOLOGIN and DROP ROLE.",
      });
    }
    return end(call, provisioner, before);
  });
}

async function end(call: Call, provisioner: Provisioner, before: Issued): Promise<Outcome> {
  const role = quoted(before.name);
  await changing(provisioner, `role ${before.name}`, () =>
    provisioner.session.run(`ALTER ROLE ${role} NOLOGIN PASSWORD NULL CONNECTION LIMIT 0`),
  );
  const account = { externalId: before.name, name: before.name };
  const sessions = await cutOffWholly(provisioner, account);
  // What it made while it was being ended counts too.
  const now = (await findIssued(provisioner, account)) ?? before;
  const troubles = await clearEverywhere(call, provisioner, now);
  await takeMemberships(provisioner, now);
  const hanging = await drop(provisioner, before.name);
  if (hanging === null) return { outcome: "done", detail: `NOLOGIN; ${sessions.detail}; DROP ROLE ${role}` };
  const after = await findIssued(provisioner, account);
  const stands = after ? whatStands(after) : [];
  const because = [hanging, ...troubles].join("; ");
  if (stands.length > 0) {
    return impossible({
      because: `"${before.name}" cannot sign in, but others gave it ${stands.join(", ")}: ${because}`,
      remedy: `Take that back, then try again. As a superuser in each database named: DROP OWNED BY ${role};`,
    });
  }
  const isNew = whatStands(before).length > 0 || sessions.ended > 0;
  const owned = after ? whatItOwns(after).join(", ") : "";
  return {
    outcome: isNew ? "done" : "already",
    detail: `"${before.name}" has no login and no access, and stays because it owns ${owned || "something"}: ${because}`,
  };
}

async function clearEverywhere(call: Call, provisioner: Provisioner, role: Issued): Promise<string[]> {
  const heirs = role.memberships.map((membership) => membership.role);
  const troubles: string[] = [];
  const places = new Set(role.places.map(({ database }) => database ?? call.settings.database));
  for (const database of places) {
    const clear = (session: Provisioner) => clearDatabase(session, { role: role.name, heirs });
    try {
      troubles.push(
        ...(database === call.settings.database
          ? await clear(provisioner)
          : await asProvisioner(call, database, clear)),
      );
    } catch (error) {
      // One database that cannot be entered does not keep the others from being cleared.
      if (!(error instanceof ConnectorError) || error.retryable) throw error;
      troubles.push(error.message);
    }
  }
  return troubles;
}

// From 16 on only the giver takes a membership; those of others go with the role.
async function takeMemberships({ session, major }: Provisioner, role: Issued): Promise<void> {
  const by = major >= 16 ? " GRANTED BY CURRENT_USER" : "";
  for (const { role: group, ours } of role.memberships) {
    if (major >= 16 && !ours) continue;
    await session.run(`REVOKE ${quoted(group)} FROM ${quoted(role.name)}${by}`).catch((error: unknown) => {
      if (stateOf(error) !== "42501" && stateOf(error) !== "42704") throw error;
    });
  }
  const [switched] = await session.ask(
    `select exists (select from pg_auth_members where roleid = (select oid from pg_roles where rolname = $1::name)
      and member = (select oid from pg_roles where rolname = current_user)
      and (${major >= 16 ? "grantor = member" : "true"})) as there`,
    [role.name],
    z.object({ there: z.boolean() }),
  );
  if (switched?.there) await session.run(`REVOKE ${quoted(role.name)} FROM CURRENT_USER${by}`);
}

/** Null when it is gone; else what hangs on it, in the server's words. */
async function drop(provisioner: Provisioner, name: string): Promise<string | null> {
  try {
    await changing(provisioner, `role ${name}`, () => provisioner.session.run(`DROP ROLE IF EXISTS ${quoted(name)}`));
    return null;
  } catch (error) {
    if (stateOf(error) !== "2BP01" || !(error instanceof ConnectorError)) throw error;
    const { cause } = error;
    const detail = cause instanceof pg.DatabaseError ? cause.detail : undefined;
    return (detail ?? error.message).replaceAll("\n", ", ").slice(0, 1_000);
  }
}
