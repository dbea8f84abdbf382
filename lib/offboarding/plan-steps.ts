import { randomUUID } from "node:crypto";
import { readIn, type Tx } from "../db/client";
import type { ProvisionError } from "../grants/schema";
import { credentialWords } from "../inventory/credential-words";
import { dayMs, plus } from "../time";
import { findAccess, findAccounts, findCredentials, findGrants } from "./find-holdings";
import { findSystems, type LeavingSystem, whyNotTaken } from "./leaving-systems";
import type { LockedRun } from "./move-run";
import { orderTogether } from "./order-steps";
import type { StepKind } from "./schema";
import type { StepState } from "./states";

type Row = {
  id: string;
  kind: StepKind;
  name: string;
  contains: boolean;
  connectionId?: string | null;
  accountId?: string | null;
  groupId?: string | null;
  entitlementId?: string | null;
  grantId?: string | null;
  credentialId?: string | null;
  state?: StepState;
  detail?: string;
  notBefore?: Date | null;
  verifiedAt?: Date;
  lastError?: ProvisionError;
  changed?: boolean;
  was?: string;
};

type Plan = { run: LockedRun; at: Date; signIn: { name: string; detail: string }[] };

/**
 * Writes down what a run takes, a row each, and orders it: first what shuts the ways in, then what is held, the mightiest
 * first, and last, after the hold, the deletion of the accounts.
 */
export async function planSteps(tx: Tx, { run, at, signIn }: Plan): Promise<void> {
  const read = readIn(tx);
  const found = await findAccounts(read, run.identityId);
  const systems = await systemsOf(tx, found);
  const accounts = found.filter((it) => !systems.get(it.connectionId)?.onlyLists);
  const shut = run.shutAt > at ? run.shutAt : null;
  const rows: Row[] = [
    ...signIn.map(
      ({ name, detail }): Row => ({
        id: randomUUID(),
        kind: "sign_in",
        name: `Sign-in to Rollcall: ${name}`,
        contains: true,
        state: "verified",
        detail,
        verifiedAt: at,
        changed: true,
      }),
    ),
    ...accounts.map(
      (it): Row => ({
        ...{ id: randomUUID(), kind: "account", contains: true, connectionId: it.connectionId, accountId: it.id },
        ...{ name: `${it.name} in ${it.connection}`, notBefore: shut, was: it.status },
      }),
    ),
    ...(await findCredentials(read, run.identityId)).map(
      (it): Row => ({
        ...{ id: randomUUID(), kind: "credential", contains: true, connectionId: it.connectionId },
        ...{
          accountId: it.accountId,
          credentialId: it.id,
          name: `${credentialWords(it)} in ${it.connection}`,
          notBefore: shut,
        },
      }),
    ),
    ...(await grantRows(tx, run.identityId, shut)),
    ...(await accessRows(tx, run.identityId, { systems, notBefore: shut })),
    ...accounts
      .filter((it) => run.holdDays !== null && systems.get(it.connectionId)?.deletes)
      .map(
        (it): Row => ({
          ...{ id: randomUUID(), kind: "deletion", contains: false, connectionId: it.connectionId, accountId: it.id },
          ...{ name: `${it.name} in ${it.connection}`, notBefore: plus(run.shutAt, (run.holdDays ?? 0) * dayMs) },
        }),
      ),
  ];
  await write(tx, { run, at, rows });
}

/**
 * Writes down, of somebody who moved, what they hold and what this run does not speak of yet, and orders its end. A mover's
 * account stays open, so that nothing can go with it: what Rollcall cannot take somebody takes there.
 * @param stays steps that were dropped because what they are about stays
 * @returns how many steps were added
 */
export async function addMoverSteps(
  tx: Tx,
  { run, at, endsAt, stays = [] }: { run: LockedRun; at: Date; endsAt: Date; stays?: readonly string[] },
): Promise<number> {
  const before = await tx.offboardingStep.findMany({ where: { offboardingId: run.id } });
  // What was taken and is held again was given anew.
  const spoken = new Set(before.filter(({ id, state }) => !over.includes(state) || stays.includes(id)).map(keyOf));
  const systems = await systemsOf(tx, await findAccounts(readIn(tx), run.identityId));
  const notBefore = endsAt > at ? endsAt : null;
  const held = await moverRows(tx, run, { systems, notBefore });
  const rows = held.filter((row) => !spoken.has(keyOf(row)));
  await write(tx, { run, at, rows, from: before.length });
  return rows.length;
}

const over: readonly string[] = ["verified", "dropped", "restored"] satisfies StepState[];

type What = Pick<Row, "grantId" | "accountId" | "groupId" | "entitlementId">;

function keyOf({ grantId, accountId, groupId, entitlementId }: What): string {
  return grantId ?? [accountId, groupId, entitlementId].map((id) => id ?? "").join(" ");
}

function systemsOf(tx: Tx, accounts: readonly { connectionId: string }[]): Promise<Map<string, LeavingSystem>> {
  return findSystems(
    readIn(tx),
    accounts.map((it) => it.connectionId),
  );
}

type Writing = { run: LockedRun; at: Date; rows: Row[]; from?: number };

async function write(tx: Tx, { run, at, rows, from = 0 }: Writing): Promise<void> {
  const data = rows.map(({ state = "planned", ...row }, index) => ({
    ...row,
    state,
    position: from + index,
    ...(state === "verified" ? { orderedAt: at, acknowledgedAt: at } : {}),
  }));
  // As one value: a thousand rows of parameters take longer to say than the systems to be told.
  await tx.$executeRaw`
    insert into offboarding_steps (id, offboarding_id, position, kind, contains, connection_id, account_id, group_id, entitlement_id,
      grant_id, credential_id, name, state, not_before, ordered_at, acknowledged_at, verified_at, was, changed, detail, last_error)
    select id, ${run.id}::uuid, position, kind, contains, "connectionId", "accountId", "groupId", "entitlementId", "grantId",
      "credentialId", name, state, "notBefore", "orderedAt", "acknowledgedAt", "verifiedAt", was, coalesce(changed, false),
      coalesce(detail, ''), "lastError"
    from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as step(id uuid, position int, kind text, contains boolean,
      "connectionId" uuid, "accountId" uuid, "groupId" uuid, "entitlementId" uuid, "grantId" uuid, "credentialId" uuid, name text,
      state text, "notBefore" timestamptz, "orderedAt" timestamptz, "acknowledgedAt" timestamptz, "verifiedAt" timestamptz,
      was text, changed boolean, detail text, "lastError" jsonb)`;
  const moving = rows.filter(({ kind, state }) => state === undefined && kind !== "credential");
  await orderTogether(
    tx,
    moving.map(({ id, kind, accountId = null, connectionId = null, notBefore }) => {
      return { id, kind, accountId, connectionId, runAt: notBefore };
    }),
  );
}

async function grantRows(tx: Tx, identityId: string, notBefore: Date | null): Promise<Row[]> {
  const grants = await findGrants(readIn(tx), identityId);
  return grants.map((it) => ({
    ...{ id: randomUUID(), kind: "grant", contains: it.give === "credential", connectionId: it.connectionId },
    ...{ accountId: it.accountId, grantId: it.id, notBefore },
    name: `${it.permission} on ${it.resource} in ${it.connection}`,
  }));
}

async function moverRows(tx: Tx, run: LockedRun, where: Where): Promise<Row[]> {
  const grants = await grantRows(tx, run.identityId, where.notBefore);
  const access = await accessRows(tx, run.identityId, where);
  return [...grants, ...access].map(({ detail = "", ...row }) => {
    if (row.state !== "with_account") return { ...row, contains: false };
    const remedy = "Have it taken there by hand and say what was done, or say why it stays.";
    const message = detail.replace(/^It goes with the account: /, "").replace(/\.$/, "");
    return {
      ...row,
      contains: false,
      state: "needs_person",
      lastError: { code: "impossible", message, remedy, retryable: false },
    };
  });
}

// What no connector can take by itself (ownership, what a superuser may) goes with the account, which is said at once.
async function accessRows(tx: Tx, identityId: string, { systems, notBefore }: Where): Promise<Row[]> {
  const held = await findAccess(readIn(tx), identityId);
  return held.map((it): Row => {
    const { accountId, connectionId, groupId, entitlementId, permission, resource } = it;
    const system = systems.get(connectionId);
    const why = whyNotTaken(system, { permission, resource });
    return {
      ...{
        id: randomUUID(),
        kind: "access",
        contains: false,
        accountId,
        connectionId,
        groupId,
        entitlementId,
        notBefore,
      },
      name: `${permission} on ${resource.name} in ${system?.name ?? "a system"}`,
      ...(why === null ? {} : { state: "with_account" as const, detail: `It goes with the account: ${why}.` }),
    };
  });
}

type Where = { systems: Map<string, LeavingSystem>; notBefore: Date | null };
