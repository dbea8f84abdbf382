import { z } from "zod";
import type { Actor } from "../auth/actor";
import { rows } from "../db/client";
import { assertMayRead, type Named } from "./identity-queries";
import { type LastUseRow, lastUseColumns, lastUseOf } from "./last-use";
import type { LastUse } from "./schema";

const byId = z.object({ id: z.string() });

export type IdentityAccount = {
  id: string;
  connection: Named;
  name: string;
  externalId: string;
  status: "active" | "disabled" | "locked" | "expired";
  validUntil: Date | null;
  /** Why this account is taken to be this identity's. */
  matchReason: string | null;
  matchConfidence: number | null;
  groups: number;
  assignments: number;
  credentials: number;
  firstSeenAt: Date;
  lastUse: LastUse;
  lastUsedFrom: string | null;
};

/** The accounts of an identity that exist now, by system. At most 500. */
export async function listIdentityAccounts(actor: Actor, input: z.input<typeof byId>): Promise<IdentityAccount[]> {
  const { id } = byId.parse(input);
  await assertMayRead(actor, id);
  const found = await rows<AccountRow>(
    `select p.id, p.connection_id, c.name as connection_name, p.name, p.external_id, p.status, p.valid_until, p.match_reason,
       p.match_confidence, p.first_seen_at, p.last_used_from, ${lastUseColumns("p")},
       (select count(*)::int from memberships m where m.member_id = p.id and m.removed_at is null) as groups,
       (select count(*)::int from assignments a where a.principal_id = p.id and a.removed_at is null) as assignments,
       (select count(*)::int from credentials k where k.principal_id = p.id and k.removed_at is null) as credentials
     from principals p join connections c on c.id = p.connection_id
     where p.identity_id = $1 and p.removed_at is null and p.type = 'account' order by c.name, p.name, p.id limit 500`,
    [id],
  );
  return found.map((row) => ({
    id: row.id,
    connection: { id: row.connection_id, name: row.connection_name },
    name: row.name,
    externalId: row.external_id,
    status: row.status,
    validUntil: row.valid_until,
    matchReason: row.match_reason,
    matchConfidence: row.match_confidence,
    groups: row.groups,
    assignments: row.assignments,
    credentials: row.credentials,
    firstSeenAt: row.first_seen_at,
    lastUse: lastUseOf(row),
    lastUsedFrom: row.last_used_from,
  }));
}

type AccountRow = {
  id: string;
  connection_id: string;
  connection_name: string;
  name: string;
  external_id: string;
  status: IdentityAccount["status"];
  valid_until: Date | null;
  match_reason: string | null;
  match_confidence: number | null;
  groups: number;
  assignments: number;
  credentials: number;
  first_seen_at: Date;
  last_used_from: string | null;
} & LastUseRow;

export type IdentityCredential = {
  id: string;
  kind: string;
  name: string;
  externalId: string;
  connection: Named;
  account: Named;
  status: "active" | "disabled" | "expired";
  createdAt: Date | null;
  expiresAt: Date | null;
  firstSeenAt: Date;
  lastUse: LastUse;
  lastUsedFrom: string | null;
};

/** What proves the accounts of an identity, the oldest first. At most 500. */
export async function listIdentityCredentials(
  actor: Actor,
  input: z.input<typeof byId>,
): Promise<IdentityCredential[]> {
  const { id } = byId.parse(input);
  await assertMayRead(actor, id);
  const found = await rows<CredentialRow>(
    `select k.id, k.kind, k.name, k.external_id, k.connection_id, c.name as connection_name, k.principal_id,
       p.name as account_name, k.status, k.source_created_at, k.expires_at, k.first_seen_at, k.last_used_from,
       ${lastUseColumns("k")}
     from principals p join credentials k on k.principal_id = p.id and k.removed_at is null
       join connections c on c.id = k.connection_id
     where p.identity_id = $1 and p.removed_at is null order by k.source_created_at nulls last, k.id limit 500`,
    [id],
  );
  return found.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    externalId: row.external_id,
    connection: { id: row.connection_id, name: row.connection_name },
    account: { id: row.principal_id, name: row.account_name },
    status: row.status,
    createdAt: row.source_created_at,
    expiresAt: row.expires_at,
    firstSeenAt: row.first_seen_at,
    lastUse: lastUseOf(row),
    lastUsedFrom: row.last_used_from,
  }));
}

type CredentialRow = {
  id: string;
  kind: string;
  name: string;
  external_id: string;
  connection_id: string;
  connection_name: string;
  principal_id: string;
  account_name: string;
  status: IdentityCredential["status"];
  source_created_at: Date | null;
  expires_at: Date | null;
  first_seen_at: Date;
  last_used_from: string | null;
} & LastUseRow;
