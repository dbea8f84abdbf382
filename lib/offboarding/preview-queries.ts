import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { rows } from "../db/client";
import { findConsumers } from "./find-consumers";
import { findAccess, findAccounts, findCredentials, findGrants, findSignIn } from "./find-holdings";
import { authorizeLeaving, findLeaver } from "./find-leaver";
import { findLeftBehind, type LeftBehind } from "./find-left-behind";
import { findSystems, whyNotTaken } from "./leaving-systems";
import { type Consumer, previewOffboardingInput } from "./schema";

/** What would happen if this identity left: everything that goes, and everything that is left behind. */
export type OffboardingPreview = {
  identity: { id: string; name: string; kind: IdentityKind; email: string | null; status: string };
  signIn: { name: string; sessions: number; tokens: number; passkeys: number }[];
  accounts: {
    name: string;
    connection: string;
    environment: string;
    status: string;
    /** Why a person has to shut it; null: Rollcall does. */
    byHand: string | null;
    /** Is it deleted after the hold? */
    deleted: boolean;
  }[];
  /** Lists that say that they work here, and nothing to shut: an export of the personnel system, say. */
  listedIn: string[];
  credentials: { kind: string; name: string; connection: string }[];
  grants: { permission: string; resource: string; connection: string; give: string; privilege: number }[];
  access: {
    permission: string;
    resource: string;
    connection: string;
    account: string;
    privilege: number;
    /** Why it cannot be taken by itself, and goes with its account; null: it is taken. */
    withAccount: string | null;
  }[];
  leftBehind: Omit<LeftBehind, "subjectId">[];
  /** Of a machine: who called with it, the newest first. What they do will break. */
  consumers: Consumer[];
  /** A run that is under way already. */
  run: { id: string; number: number } | null;
};

/** What exactly would go, and what would be left behind; changes nothing. @throws AppError `forbidden`, `not_found` */
export async function previewOffboarding(actor: Actor, input: { identity: string }): Promise<OffboardingPreview> {
  const { identity } = previewOffboardingInput.parse(input);
  await authorizeReach(actor, "offboarding:start", { type: "identity", name: identity });
  const leaver = await findLeaver(identity);
  await authorizeLeaving(actor, "offboarding:start", leaver);
  const { id } = leaver;
  const [signIn, accounts, credentials, grants, access, leftBehind, consumers, live] = await Promise.all([
    findSignIn(rows, id),
    findAccounts(rows, id),
    findCredentials(rows, id),
    findGrants(rows, id),
    findAccess(rows, id),
    findLeftBehind(rows, id),
    leaver.kind === "human" ? [] : findConsumers(rows, id),
    rows<{ id: string; number: number }>(
      "select id, number::int as number from offboardings where identity_id = $1 and state not in ('closed', 'cancelled') and kind <> 'mover' limit 1",
      [id],
    ),
  ]);
  const of = new Map(accounts.map((it) => [it.id, it]));
  const systems = await findSystems(
    rows,
    accounts.map((it) => it.connectionId),
  );
  const onlyLists = (connectionId: string) => systems.get(connectionId)?.onlyLists ?? false;
  return {
    identity: { id, name: leaver.name, kind: leaver.kind, email: leaver.email, status: leaver.status },
    signIn: signIn
      .filter((it) => !it.disabled)
      .map(({ name, sessions, tokens, passkeys }) => ({ name, sessions, tokens, passkeys })),
    listedIn: [...new Set(accounts.filter((it) => onlyLists(it.connectionId)).map(({ connection }) => connection))],
    accounts: accounts
      .filter((it) => !onlyLists(it.connectionId))
      .map(({ name, connection, connectionId, environment, status }) => ({
        ...{ name, connection, environment, status },
        byHand: systems.get(connectionId)?.whyNotShutting ?? null,
        deleted: systems.get(connectionId)?.deletes ?? false,
      })),
    credentials: credentials.map(({ kind, name, connection }) => ({ kind, name, connection })),
    grants: grants.map(({ permission, resource, connection, give, privilege }) => ({
      permission,
      resource,
      connection,
      give,
      privilege,
    })),
    access: access.map(({ permission, resource, accountId, connectionId, privilege }) => ({
      permission,
      resource: resource.name,
      connection: of.get(accountId)?.connection ?? "",
      account: of.get(accountId)?.name ?? "",
      privilege,
      withAccount: whyNotTaken(systems.get(connectionId), { permission, resource }),
    })),
    leftBehind: leftBehind.map(({ subjectId: _, ...it }) => it),
    consumers,
    run: live[0] ?? null,
  };
}
