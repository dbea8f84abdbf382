import { z } from "zod";
import { identityOf, isOwnIdentity } from "../access/own-identities";
import type { Actor } from "../auth/actor";
import { authorizeReach, refuse } from "../auth/authorize";
import type { IdentityKind } from "../connectors/schema";
import { rows } from "../db/client";
import { AppError } from "../errors";
import { type LastUseRow, lastUseColumns, lastUseOf } from "./last-use";
import type { Criticality, Environment, IdentityStatus, LastUse } from "./schema";

export type Named = { id: string; name: string };

/** An identity as its page shows it. */
export type IdentityDetail = {
  id: string;
  kind: IdentityKind;
  kindReason: string;
  /** Who corrected the kind; null where the sync told it. */
  kindSetBy: string | null;
  name: string;
  email: string | null;
  employeeNumber: string | null;
  status: IdentityStatus;
  owner: Named | null;
  backupOwner: Named | null;
  manager: Named | null;
  department: string | null;
  title: string | null;
  purpose: string | null;
  environment: Environment | null;
  criticality: Criticality | null;
  firstSeenAt: Date;
  removedAt: Date | null;
  privilege: number;
  /** How many entitlements it reaches. */
  reaches: number;
  connections: string[];
  accountCount: number;
  credentialCount: number;
  ownsCount: number;
  oldestCredentialAt: Date | null;
  lastUse: LastUse;
  /** From how many places it was seen. */
  originCount: number;
  /** The reader themself. */
  isYou: boolean;
};

const byId = z.object({ id: z.string() });

/**
 * One identity. @throws AppError `not_found`; to a reader who may see only their own, another's is `forbidden`, which is
 * no more than they knew: ids are not to be guessed.
 */
export async function getIdentity(actor: Actor, input: z.input<typeof byId>): Promise<IdentityDetail> {
  const { id } = byId.parse(input);
  await assertMayRead(actor, id);
  const [row] = await rows<DetailRow>(
    `select i.id, i.kind, i.kind_reason, i.kind_set_by, i.name, i.email, i.employee_number, i.status, i.owner_id,
       i.backup_owner_id, i.manager_id, i.department, i.title, i.purpose, i.environment, i.criticality, i.first_seen_at,
       i.removed_at, i.privilege, i.reaches, i.connection_names, i.account_count, i.credential_count,
       i.oldest_credential_at, ${lastUseColumns("i")}, o.name as owner_name, b.name as backup_name, m.name as manager_name,
       (select count(*)::int from identities x where x.removed_at is null and i.id in (x.owner_id, x.backup_owner_id)) as owns,
       (select count(distinct u.last_from)::int from usage_days u join principals p on p.id = u.principal_id
        where p.identity_id = i.id) as origins
     from identities i left join identities o on o.id = i.owner_id left join identities b on b.id = i.backup_owner_id
       left join identities m on m.id = i.manager_id
     where i.id = $1`,
    [id],
  );
  if (!row) throw notFound();
  return detailOf(row, identityOf(actor));
}

/** May this actor read this identity? Refuses, on the record, if not. @throws AppError `not_found`, `forbidden` */
export async function assertMayRead(actor: Actor, id: string): Promise<void> {
  const target = { type: "identity", id };
  const reach = await authorizeReach(actor, "identity:read", target);
  if (!z.uuid().safeParse(id).success) throw notFound();
  if (reach === "own" && !(await isOwnIdentity(actor, id))) await refuse(actor, "identity:read", target);
}

function notFound(): AppError {
  return new AppError("not_found", "There is no such identity.", {
    remedy: "It may have been merged; look it up by name.",
  });
}

type DetailRow = {
  id: string;
  kind: IdentityKind;
  kind_reason: string;
  kind_set_by: string | null;
  name: string;
  email: string | null;
  employee_number: string | null;
  status: IdentityStatus;
  owner_id: string | null;
  owner_name: string | null;
  backup_owner_id: string | null;
  backup_name: string | null;
  manager_id: string | null;
  manager_name: string | null;
  department: string | null;
  title: string | null;
  purpose: string | null;
  environment: Environment | null;
  criticality: Criticality | null;
  first_seen_at: Date;
  removed_at: Date | null;
  privilege: number;
  reaches: number;
  connection_names: string[];
  account_count: number;
  credential_count: number;
  owns: number;
  origins: number;
  oldest_credential_at: Date | null;
} & LastUseRow;

function detailOf(row: DetailRow, reader: string | null): IdentityDetail {
  const named = (id: string | null, name: string | null) => (id === null ? null : { id, name: name ?? "?" });
  return {
    id: row.id,
    kind: row.kind,
    kindReason: row.kind_reason,
    kindSetBy: row.kind_set_by,
    name: row.name,
    email: row.email,
    employeeNumber: row.employee_number,
    status: row.status,
    owner: named(row.owner_id, row.owner_name),
    backupOwner: named(row.backup_owner_id, row.backup_name),
    manager: named(row.manager_id, row.manager_name),
    department: row.department,
    title: row.title,
    purpose: row.purpose,
    environment: row.environment,
    criticality: row.criticality,
    firstSeenAt: row.first_seen_at,
    removedAt: row.removed_at,
    privilege: row.privilege,
    reaches: row.reaches,
    connections: row.connection_names,
    accountCount: row.account_count,
    credentialCount: row.credential_count,
    ownsCount: row.owns,
    oldestCredentialAt: row.oldest_credential_at,
    lastUse: lastUseOf(row),
    originCount: row.origins,
    isYou: row.id === reader,
  };
}
