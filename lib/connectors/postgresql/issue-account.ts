import pg from "pg";
import { z } from "zod";
import { ConnectorError } from "../connector-error";
import type { AccountRef, DeliveredSecret, IssueOrder } from "../provisioning";
import { type AccessTarget, type Refusal, targetOf } from "./access-target";
import { findRole } from "./end-sessions";
import { give, placeOf } from "./give-access";
import { findIssued, type Issued, madeByRollcall, whatItOwns, whatStands } from "./issued-account";
import { fitsAsName } from "./names";
import { asProvisioner, type Call, changing, type Provisioner } from "./provision-session";
import { psqlCommand } from "./psql-command";
import { refusalOf } from "./refusals";
import { stableRoleId } from "./role-ref";
import { randomPassword, scramVerifier } from "./scram-verifier";
import { quoted } from "./sight";

// A person's psql, an editor that opens a few, a job: more is no use that a short-lived account is for.
const mostSessions = 10;

/** Makes a role that nobody can sign in as yet, a member of what was ordered and with the privileges that were. */
export async function issue(call: Call, order: IssueOrder): Promise<{ account: AccountRef; detail: string }> {
  const { name } = order;
  const account = { externalId: name, name };
  const targets = targetsOf(call, order);
  const { settings } = call;
  const made = await refusing(call, () =>
    asProvisioner(call, settings.database, async (provisioner) => {
      const statement = await changing(provisioner, `role ${name}`, () => makeOrAlign(provisioner, order));
      await giveAll(provisioner, account, targets.get(settings.database) ?? []);
      const role = await findRole(provisioner, account);
      return { statement, stableId: role && stableRoleId(provisioner.cluster, role.oid) };
    }),
  );
  for (const [database, wanted] of targets) {
    if (database === settings.database) continue;
    await refusing(call, () => asProvisioner(call, database, (provisioner) => giveAll(provisioner, account, wanted)));
  }
  return {
    account: { ...account, stableId: made.stableId },
    detail: `${made.statement}; given: ${order.access.length}`,
  };
}

/** Lets an issued account in with a new random password, of which the server gets only the verifier. */
export async function deliver(
  call: Call,
  { account, until }: { account: AccountRef; until: Date },
): Promise<DeliveredSecret> {
  assertAhead(until, call.now);
  const secret = randomPassword();
  const verifier = scramVerifier(secret);
  const { settings } = call;
  return refusing(call, () =>
    asProvisioner(call, settings.database, async (provisioner) => {
      const role = await findIssued(provisioner, account);
      if (role === null) throw notThere(account.externalId);
      if (!role.made) throw notMade(account.externalId);
      const statement = `ALTER ROLE ${quoted(role.name)} LOGIN PASSWORD '${verifier}' VALID UNTIL '${until.toISOString()}'`;
      await changing(provisioner, `role ${role.name}`, () => provisioner.session.run(statement));
      const database = (await databaseOfUse(provisioner, role.name)) ?? settings.database;
      return {
        facts: { Host: settings.host, Port: String(settings.port), Database: database, User: role.name },
        secret,
        command: psqlCommand({ ...settings, user: role.name, database }),
      };
    }),
  );
}

/** Asks the catalogs whether an issued account can still sign in or holds anything. */
export async function readBackIssued(call: Call, of: AccountRef): Promise<{ standing: boolean; detail: string }> {
  const role = await asProvisioner(call, call.settings.database, (provisioner) => findIssued(provisioner, of));
  if (role === null) return { standing: false, detail: `there is no role "${of.externalId}"` };
  const stands = whatStands(role);
  const owned = whatItOwns(role).map((what) => `it owns ${what}`);
  return {
    standing: stands.length > 0,
    detail: [`"${role.name}" is there, valid until ${role.valid_until ?? "always"}`, ...stands, ...owned].join("; "),
  };
}

type Wanted = { access: IssueOrder["access"][number]; target: AccessTarget };

function targetsOf(call: Call, { name, until, access }: IssueOrder): Map<string, Wanted[]> {
  assertName(name);
  assertAhead(until, call.now);
  const byDatabase = new Map<string, Wanted[]>();
  for (const one of access) {
    const target = targetOf(one);
    if (!("kind" in target)) throw refused(target, one.resource.externalId);
    const place = placeOf(call, target);
    byDatabase.set(place, [...(byDatabase.get(place) ?? []), { access: one, target }]);
  }
  return byDatabase;
}

async function makeOrAlign(provisioner: Provisioner, order: IssueOrder): Promise<string> {
  const { session } = provisioner;
  const existing = await findIssued(provisioner, { externalId: order.name, name: order.name });
  if (existing && !existing.made) throw notMade(order.name);
  const role = quoted(order.name);
  const bounds = `CONNECTION LIMIT ${mostSessions} VALID UNTIL '${order.until.toISOString()}'`;
  const attributes = "NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT PASSWORD NULL";
  const statement = existing ? `ALTER ROLE ${role} ${bounds}` : `CREATE ROLE ${role} ${attributes} ${bounds}`;
  const comment = `${madeByRollcall} for ${order.for.replaceAll("\0", " ").slice(0, 300)}`;
  await session.run(`${statement}; COMMENT ON ROLE ${role} IS ${pg.escapeLiteral(comment)}`);
  if (existing) await takeUnordered(provisioner, existing, order);
  return statement;
}

async function takeUnordered({ session, major }: Provisioner, role: Issued, { access }: IssueOrder): Promise<void> {
  const ordered = new Set(
    access.filter(({ resource }) => resource.type === "group").map((one) => one.resource.externalId),
  );
  const by = major >= 16 ? " GRANTED BY CURRENT_USER" : "";
  for (const { role: group, ours } of role.memberships) {
    if (ours && !ordered.has(group)) await session.run(`REVOKE ${quoted(group)} FROM ${quoted(role.name)}${by}`);
  }
}

async function giveAll(provisioner: Provisioner, account: AccountRef, wanted: Wanted[]): Promise<void> {
  for (const { access, target } of wanted) await give(provisioner, { account, access }, target);
}

// Where what the account may do has its objects; the database to sign in to otherwise.
async function databaseOfUse({ session }: Provisioner, role: string): Promise<string | null> {
  const [row] = await session.ask(
    `
    with recursive mine(oid) as (select oid from pg_roles where rolname = $1::name
      union select m.roleid from pg_auth_members m join mine on m.member = mine.oid)
    select d.datname::text as name from pg_shdepend s join mine on mine.oid = s.refobjid join pg_database d on d.oid = s.dbid
    where s.refclassid = 'pg_authid'::regclass and d.datallowconn and not d.datistemplate
      and has_database_privilege($1::name, d.oid, 'CONNECT')
    group by d.datname order by count(*) desc, d.datname limit 1`,
    [role],
    z.object({ name: z.string() }),
  );
  return row?.name ?? null;
}

async function refusing<T>({ settings }: Call, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    const refusal = refusalOf(error, settings.provisionUser);
    throw refusal === null ? error : refused(refusal, settings.host, error);
  });
}

function refused({ because, remedy }: Refusal, object: string, cause?: unknown): ConnectorError {
  return new ConnectorError("invalid", because, { remedy, object, cause });
}

function assertName(name: string): void {
  if (fitsAsName(name) && !/^(pg_|public$|none$)/.test(name)) return;
  throw new ConnectorError("invalid", `"${name.slice(0, 100)}" cannot be the name of a role`, {
    remedy: "Choose one of at most 63 bytes that does not begin with pg_.",
    object: name.slice(0, 100),
  });
}

function assertAhead(until: Date, now: Date): void {
  if (until > now) return;
  throw new ConnectorError("invalid", `the account would have ended at ${until.toISOString()}`, {
    remedy: "Ask for a time that is still to come.",
  });
}

function notThere(name: string): ConnectorError {
  return new ConnectorError("invalid", `there is no role "${name}"`, { remedy: "Issue it first.", object: name });
}

function notMade(name: string): ConnectorError {
  return new ConnectorError("invalid", `the role "${name}" was not made by Rollcall`, {
    remedy: "Choose another name; no other role is changed.",
    object: name,
  });
}
