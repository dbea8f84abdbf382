import { record } from "../audit/record";
import type { Actor } from "../auth/actor";
import { authorizeReach } from "../auth/authorize";
import { transaction } from "../db/client";
import type { GrantRow } from "../grants/grant-rows";
import { walkGrants } from "../grants/queries";
import { type UnmanagedRow, walkUnmanaged } from "../grants/unmanaged-queries";
import { type AccountRow, walkAccounts } from "../inventory/account-list-queries";
import { type CredentialRow, walkCredentials } from "../inventory/credential-list-queries";
import { type IdentityRow, walkIdentities } from "../inventory/identity-list-queries";
import { kindLabels, privilegeLabels } from "../inventory/labels";
import { type ResourceRow, walkResources } from "../inventory/resource-list-queries";
import type { LastUse } from "../inventory/schema";
import { csvLine } from "../lists/csv";
import { isColumnShown, type ListState, serializeState } from "../lists/schema";
import { type RequestRow, walkRequests } from "../requests/queries";
import { type ListPage, lists } from "./labels";

type Input = { page: ListPage; state: ListState };

/**
 * Everything that a list shows, as CSV in UTF-8, a thousand rows at a time whatever its size. That it was taken is
 * recorded before its first line. @throws AppError `forbidden`, `invalid`
 */
export async function exportList(actor: Actor, input: Input): Promise<AsyncGenerator<string>> {
  const { page, state } = input;
  await authorizeReach(actor, "inventory:export", { type: page });
  const shown = lists[page].columns.filter((column) => isColumnShown(lists[page], state, column));
  const lines = await linesOf(actor, input, new Set(shown.map((column) => column.name)));
  await transaction((tx) =>
    record(tx, actor, {
      action: "inventory.exported",
      target: { type: page, name: lists[page].noun.many },
      details: { query: serializeState(lists[page], { ...state, place: null, rowsBefore: 0 }) },
    }),
  );
  return lines;
}

async function linesOf(actor: Actor, { page, state }: Input, shown: Set<string>): Promise<AsyncGenerator<string>> {
  if (page === "identities") return lines(await walkIdentities(actor, { state }), identityCells, shown);
  if (page === "credentials") return lines(await walkCredentials(actor, { state }), credentialCells, shown);
  if (page === "resources") return lines(await walkResources(actor, { state }), resourceCells, shown);
  if (page === "requests") return lines(await walkRequests(actor, { state }), requestCells, shown);
  if (page === "grants") return lines(await walkGrants(actor, { state }), grantCells, shown);
  if (page === "unmanaged") return lines(await walkUnmanaged(actor, { state }), unmanagedCells, shown);
  return lines(await walkAccounts(actor, { state }), accountCells, shown);
}

type Cells<Row> = readonly { column: string; title: string; value: (row: Row) => unknown }[];

async function* lines<Row extends { id: string }>(
  pages: AsyncGenerator<Row[]>,
  cells: Cells<Row>,
  shown: Set<string>,
): AsyncGenerator<string> {
  const chosen = cells.filter((cell) => shown.has(cell.column));
  // The mark tells spreadsheets that this is UTF-8.
  yield `\ufeff${csvLine(["id", ...chosen.map((cell) => cell.title)])}`;
  for await (const rows of pages)
    yield rows.map((row) => csvLine([row.id, ...chosen.map((cell) => cell.value(row))])).join("");
}

function useWords(use: LastUse): string {
  if (use.state === "used") return use.at ?? "used";
  return use.state === "not_used" ? `not since ${use.since}` : `unknown, ${use.because}`;
}

const cell = <Row>(column: string, title: string, value: (row: Row) => unknown) => ({ column, title, value });

const identityCells: Cells<IdentityRow> = [
  cell("name", "identity", (row) => row.name),
  cell("name", "kind", (row) => kindLabels[row.kind]),
  cell("status", "status", (row) => row.status),
  cell("owner", "owner", (row) => row.owner?.name),
  cell("environment", "environment", (row) => row.environment),
  cell("criticality", "criticality", (row) => row.criticality),
  cell("purpose", "purpose", (row) => row.purpose),
  cell("privilege", "privilege", (row) => privilegeLabels[row.privilege]),
  cell("reaches", "reaches", (row) => row.reaches),
  cell("accounts", "accounts in", (row) => row.connections),
  cell("oldestCredential", "oldest key made", (row) => row.oldestCredentialAt),
  cell("lastUse", "last use", (row) => useWords(row.lastUse)),
  cell("firstSeen", "first seen", (row) => row.firstSeenAt),
  cell("email", "e-mail", (row) => row.email),
  cell("department", "department", (row) => row.department),
];

const credentialCells: Cells<CredentialRow> = [
  cell("name", "credential", (row) => row.name),
  cell("kind", "kind", (row) => row.kind),
  cell("identity", "identity", (row) => row.identity?.name),
  cell("account", "account", (row) => row.account.name),
  cell("connection", "system", (row) => row.connection.name),
  cell("status", "status", (row) => row.status),
  cell("made", "made", (row) => row.madeAt),
  cell("expires", "ends", (row) => row.expiresAt),
  cell("lastUse", "last use", (row) => useWords(row.lastUse)),
  cell("firstSeen", "first seen", (row) => row.firstSeenAt),
];

const resourceCells: Cells<ResourceRow> = [
  cell("name", "resource", (row) => row.name),
  cell("name", "external id", (row) => row.externalId),
  cell("type", "type", (row) => row.type),
  cell("connection", "system", (row) => row.connection.name),
  cell("parent", "within", (row) => row.parent?.name),
  cell("owner", "owner", (row) => row.owner?.name),
  cell("entitlements", "permissions", (row) => row.entitlementCount),
  cell("holders", "held directly by", (row) => row.holderCount),
  cell("firstSeen", "first seen", (row) => row.firstSeenAt),
];

const accountCells: Cells<AccountRow> = [
  cell("name", "account", (row) => row.name),
  cell("externalId", "external id", (row) => row.externalId),
  cell("connection", "system", (row) => row.connection.name),
  cell("email", "e-mail", (row) => row.email),
  cell("identity", "identity", (row) => row.identity?.name),
  cell("status", "status", (row) => row.status),
  cell("lastUse", "last use", (row) => useWords(row.lastUse)),
  cell("firstSeen", "first seen", (row) => row.firstSeenAt),
];

const requestCells: Cells<RequestRow> = [
  cell("number", "request", (row) => `R-${row.number}`),
  cell("items", "for what", (row) => row.items.map((it) => `${it.permission} on ${it.resource} in ${it.connection}`)),
  cell("items", "things asked for", (row) => row.itemCount),
  cell("subject", "for whom", (row) => row.subject.name),
  cell("subject", "asked by", (row) => row.requester.name),
  cell("state", "state", (row) => row.state),
  cell("waitsFor", "waits for", (row) => row.waitsFor),
  cell("duration", "seconds", (row) => row.durationSeconds),
  cell("reason", "reason", (row) => row.reason),
  cell("ticket", "ticket", (row) => row.ticket),
  cell("made", "made", (row) => row.createdAt),
];

const grantCells: Cells<GrantRow> = [
  cell("access", "permission", (row) => row.permission),
  cell("access", "resource", (row) => row.resource.name),
  cell("subject", "held by", (row) => row.subject.name),
  cell("subject", "account", (row) => row.account?.name),
  cell("connection", "system", (row) => row.connection.name),
  cell("state", "state", (row) => row.state),
  cell("privilege", "privilege", (row) => privilegeLabels[row.privilege]),
  cell("give", "given as", (row) => row.give),
  cell("request", "request", (row) => (row.requestNumber === null ? null : `R-${row.requestNumber}`)),
  cell("made", "made", (row) => row.createdAt),
  cell("ends", "ends", (row) => row.endsAt),
];

const unmanagedCells: Cells<UnmanagedRow> = [
  cell("access", "permission", (row) => row.permission),
  cell("access", "resource", (row) => row.resource.name),
  cell("holder", "held by", (row) => row.holder?.name),
  cell("account", "account", (row) => row.account.name),
  cell("connection", "system", (row) => row.connection.name),
  cell("privilege", "privilege", (row) => privilegeLabels[row.privilege]),
  cell("grantedBy", "given by", (row) => row.grantedBy),
  cell("firstSeen", "first seen", (row) => row.firstSeenAt),
];
