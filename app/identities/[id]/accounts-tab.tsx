import type { Route } from "next";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { Isolated } from "@/components/isolated";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Second, TablePanel } from "@/components/table-panel";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { listIdentityAccounts } from "@/lib/inventory/identity-holding-queries";
import { attempt } from "../../attempt";

const columns = [
  { key: "account", label: "Account" },
  { key: "system", label: "System" },
  { key: "status", label: "Status" },
  { key: "groups", label: "Groups", end: true },
  { key: "direct", label: "Direct", end: true },
  { key: "keys", label: "Keys", end: true },
  { key: "lastUse", label: "Last use" },
  { key: "because", label: "Is its own because" },
] as const;

/** The accounts of this identity in each system, and why each is taken to be its own. */
export async function AccountsTab({ id }: { id: string }) {
  const read = await attempt(async () => listIdentityAccounts(await requireActor(), { id }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  if (read.value.length === 0) return <EmptyState title="It has no account in a connected system" />;
  return (
    <TablePanel
      label="Accounts"
      columns={columns}
      rows={read.value.map((account) => ({
        key: account.id,
        cells: {
          account: (
            <div>
              <Name value={account.name} mono strong />
              {account.externalId === account.name ? null : (
                <Second>
                  <Name value={account.externalId} mono />
                </Second>
              )}
            </div>
          ),
          system: (
            <Link href={`/connections/${account.connection.id}` as Route} prefetch={false}>
              {account.connection.name}
            </Link>
          ),
          status: (
            <div>
              <StatusBadge of="account" state={account.status} />
              {account.validUntil ? (
                <Second>
                  until <Time at={account.validUntil} as="full" />
                </Second>
              ) : null}
            </div>
          ),
          groups: numberWords(account.groups),
          direct: numberWords(account.assignments),
          keys: numberWords(account.credentials),
          lastUse: (
            <div>
              <LastUse use={account.lastUse} />
              {account.lastUsedFrom ? (
                <Second>
                  from <Isolated value={account.lastUsedFrom} />
                </Second>
              ) : null}
            </div>
          ),
          because: (
            <div>
              <Isolated value={account.matchReason ?? "a person said so"} />
              {account.matchConfidence === null ? null : (
                <Second>{Math.round(account.matchConfidence * 100)} % sure</Second>
              )}
            </div>
          ),
        },
      }))}
    />
  );
}
