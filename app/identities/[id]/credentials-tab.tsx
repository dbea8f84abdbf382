import { EmptyState } from "@/components/empty-state";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Second, TablePanel } from "@/components/table-panel";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import type { credentialKinds } from "@/lib/connectors/schema";
import { listIdentityCredentials } from "@/lib/inventory/identity-holding-queries";
import { credentialKindLabels } from "@/lib/inventory/labels";
import { attempt } from "../../attempt";

const columns = [
  { key: "credential", label: "Credential" },
  { key: "kind", label: "Kind" },
  { key: "account", label: "Account" },
  { key: "age", label: "Age" },
  { key: "ends", label: "Ends" },
  { key: "lastUse", label: "Last use" },
  { key: "status", label: "Status" },
] as const;

/** What proves this identity's accounts, the oldest first. Values are never stored. */
export async function CredentialsTab({ id }: { id: string }) {
  const read = await attempt(async () => listIdentityCredentials(await requireActor(), { id }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  if (read.value.length === 0)
    return (
      <EmptyState title="No credential of it is known">
        Its systems told of none, or do not tell of credentials.
      </EmptyState>
    );
  return (
    <TablePanel
      label="Credentials"
      columns={columns}
      rows={read.value.map((credential) => ({
        key: credential.id,
        cells: {
          credential: <Name value={credential.name} mono strong />,
          kind: labelOf(credential.kind),
          account: (
            <div>
              <Name value={credential.account.name} mono />
              <Second>{credential.connection.name}</Second>
            </div>
          ),
          age: credential.createdAt ? (
            <Time at={credential.createdAt} as="age" />
          ) : (
            <span className="dimmed">unknown</span>
          ),
          ends: credential.expiresAt ? (
            <Time at={credential.expiresAt} as="full" />
          ) : (
            <span className="dimmed">never by itself</span>
          ),
          lastUse: <LastUse use={credential.lastUse} />,
          status: <StatusBadge of="credential" state={credential.status} />,
        },
      }))}
    />
  );
}

function labelOf(kind: string): string {
  return credentialKindLabels[kind as (typeof credentialKinds)[number]] ?? kind;
}
