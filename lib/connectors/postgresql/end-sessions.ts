import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { AccountRef, Outcome, SessionsEnded } from "../provisioning";
import type { Refusal } from "./access-target";
import { asProvisioner, type Call, changingBy, type Provisioner } from "./provision-session";
import { impossible, refusalOf } from "./refusals";
import { type RoleRef, roleOid, roleRefOf } from "./role-ref";
import type { Settings } from "./schema";
import { quoted } from "./sight";

// A backend ends within milliseconds of its signal, unless it is in something that cannot be interrupted.
const mostLooks = 100;
const longestPauseMs = 50;
// How long a sign-in may be on its way between having been let in and being seen.
const lastPauseMs = 10;

const account = z.object({
  name: z.string(),
  oid: z.string(),
  superuser: z.boolean(),
  login: z.boolean(),
  // May we end its sessions: as we are, or as the role that may?
  inherits: z.boolean(),
  switches: z.boolean(),
});
type Role = z.infer<typeof account>;
const session = z.object({ pid: z.number().int() });

/**
 * Ends what the account has open, whatever role a session has switched to, and looks again until two looks in a row find
 * none: one that was just signing in is seen only after that.
 */
export async function endSessions(call: Call, of: AccountRef): Promise<SessionsEnded> {
  return asProvisioner(call, call.settings.database, (provisioner) => cutOff(provisioner, of));
}

/** A role, and what it has open. */
export type Open = { role: Role | null; pids: number[] };

/** What there is to end. */
export async function lookAtOpen(provisioner: Provisioner, of: AccountRef): Promise<Open> {
  const [role, pids] = await Promise.all([findRole(provisioner, of), look(provisioner, refOf(provisioner, of))]);
  return { role, pids };
}

/**
 * The same in a session that there is already.
 * @param before what was open a moment ago, where that was asked: what came since is found too
 */
export async function cutOff(provisioner: Provisioner, of: AccountRef, before?: Open): Promise<SessionsEnded> {
  const { role, pids } = before ?? (await lookAtOpen(provisioner, of));
  if (role === null) return { ended: 0, left: 0, detail: `there is no role "${of.externalId}"` };
  const seen = new Set<number>();
  let open = pids;
  try {
    for (let looks = 0, empty = 0; looks < mostLooks && empty < 2; looks++) {
      const ending = open.length > 0;
      if (ending) assertMaySignal(provisioner, role);
      const switching = ending && seen.size === 0 && !role.inherits;
      for (const pid of open) seen.add(pid);
      const pauseMs = ending ? Math.min(longestPauseMs, 3 * 2 ** Math.min(looks, 10)) : lastPauseMs;
      // Sent together, answered in this order.
      const [, , , now] = await Promise.all([
        switching ? provisioner.session.run("set role pg_signal_backend") : null,
        ending ? signal(provisioner, role) : null,
        pause(provisioner, pauseMs),
        look(provisioner, role),
      ]);
      open = now;
      empty = open.length === 0 ? empty + 1 : 0;
      if (empty === 1 && seen.size === 0) break;
    }
  } finally {
    if (seen.size > 0) await provisioner.session.run("reset role").catch(() => undefined);
  }
  const ended = [...seen].filter((pid) => !open.includes(pid)).length;
  return {
    ended,
    left: open.length,
    detail: `pg_stat_activity: ${seen.size} sessions of "${role.name}" found, ${ended} ended, ${open.length} left`,
  };
}

/**
 * Keeps the account from signing in by whatever method, and ends its sessions. VALID UNTIL is left as it is: it would end
 * passwords only, and whoever lets the account in again needs to know it.
 */
export async function disable(call: Call, of: AccountRef): Promise<Outcome> {
  if (isOwn(call.settings, of)) return impossible(ownRole(of.externalId));
  return refusing(call, () => asProvisioner(call, call.settings.database, (provisioner) => shutOut(provisioner, of)));
}

/** Is this a role by which Rollcall itself signs in? */
export function isOwn({ user, provisionUser }: Settings, { externalId }: Pick<AccountRef, "externalId">): boolean {
  return [user, provisionUser].includes(externalId);
}

/** What Rollcall needs itself is not shut. */
export function ownRole(name: string): Refusal {
  return { because: `"${name}" is a role by which Rollcall itself signs in`, remedy: "Remove the connection first." };
}

/** An outcome, also where the server refuses for good. */
export async function refusing({ settings }: Call, work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    const refusal = refusalOf(error, settings.provisionUser);
    if (refusal === null) throw error;
    return impossible(refusal);
  }
}

async function shutOut(provisioner: Provisioner, of: AccountRef): Promise<Outcome> {
  const role = await findRole(provisioner, of);
  if (role === null) return { outcome: "already", detail: `there is no role "${of.externalId}"` };
  const statement = `ALTER ROLE ${quoted(role.name)} NOLOGIN`;
  if (role.login) await changingBy(provisioner, `role ${role.name}`, statement);
  const { ended, detail } = await cutOffWholly(provisioner, of);
  if (role.login) return { outcome: "done", detail: `${statement}; ${detail}` };
  return { outcome: ended > 0 ? "done" : "already", detail: `"${role.name}" has no LOGIN; ${detail}` };
}

/** Ends every session. @throws ConnectorError where one would not end */
export async function cutOffWholly(provisioner: Provisioner, of: AccountRef): Promise<SessionsEnded> {
  const sessions = await cutOff(provisioner, of);
  if (sessions.left === 0) return sessions;
  throw new ConnectorError(
    "busy",
    `"${of.externalId}" cannot sign in any more, but ${sessions.left} of its sessions did not end`,
    {
      remedy: "Rollcall tries again; look at pg_stat_activity for what keeps them.",
      object: of.externalId,
    },
  );
}

/** The role of an account, whatever its name is now; or null. */
export async function findRole({ session, cluster }: Provisioner, of: AccountRef): Promise<Role | null> {
  const { name, oid } = roleRefOf(cluster, of);
  const [role] = await session.ask(
    `select rolname::text as name, oid::text as oid, rolsuper as superuser, rolcanlogin as login,
      pg_has_role('pg_signal_backend', 'USAGE') or pg_has_role(oid, 'USAGE') as inherits,
      pg_has_role('pg_signal_backend', 'MEMBER') as switches from pg_roles where oid = ${roleOid("$1", "$2")}`,
    [name, oid],
    account,
  );
  return role ?? null;
}

const ofRole = `pg_stat_activity a where a.usesysid = ${roleOid("$1", "$2")} and a.pid <> pg_backend_pid()`;

function refOf({ cluster }: Provisioner, of: AccountRef): RoleRef {
  return roleRefOf(cluster, of);
}

// In the server, so that it ends with the call.
async function pause({ session: on }: Provisioner, ms: number): Promise<void> {
  await on.ask("select pg_sleep($1::float8 / 1000)::text", [ms], z.unknown());
}

async function look({ session: on }: Provisioner, { name, oid }: RoleRef): Promise<number[]> {
  return (await on.ask(`select a.pid from ${ofRole}`, [name, oid], session)).map(({ pid }) => pid);
}

async function signal({ session: on }: Provisioner, { name, oid }: RoleRef): Promise<void> {
  await on.ask(`select a.pid, pg_terminate_backend(a.pid) from ${ofRole}`, [name, oid], session);
}

// As set up, the role inherits nothing, and switches to the one that may signal.
function assertMaySignal({ me }: Provisioner, role: Role): void {
  if (!role.superuser && (role.inherits || role.switches)) return;
  throw new ConnectorError("rights", `"${me}" may not end the sessions of "${role.name}"`, {
    remedy: role.superuser
      ? "Only a superuser ends the sessions of a superuser."
      : `GRANT pg_signal_backend TO ${quoted(me)};`,
    object: role.name,
  });
}
