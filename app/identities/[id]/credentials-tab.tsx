import { EmptyState } from "@/components/empty-state";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import type { credentialKinds } from "@/lib/connectors/schema";
import { listIdentityCredentials } from "@/lib/inventory/identity-holding-queries";
import { credentialKindLabels } from "@/lib/inventory/labels";
import { attempt } from "../../attempt";
import css from "./identity.module.css";

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
    <section className={css.panel} aria-label="Credentials">
      <div className={css.wide}>
        <table className={css.table}>
          <thead>
            <tr>
              {["Credential", "Kind", "Account", "Age", "Ends", "Last use", "Status"].map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {read.value.map((credential) => (
              <tr key={credential.id}>
                <td>
                  <Name value={credential.name} mono strong />
                </td>
                <td>{labelOf(credential.kind)}</td>
                <td>
                  <Name value={credential.account.name} mono />
                  <span className={css.second}>{credential.connection.name}</span>
                </td>
                <td>
                  {credential.createdAt ? (
                    <Time at={credential.createdAt} as="age" />
                  ) : (
                    <span className="dimmed">unknown</span>
                  )}
                </td>
                <td>
                  {credential.expiresAt ? (
                    <Time at={credential.expiresAt} as="full" />
                  ) : (
                    <span className="dimmed">never by itself</span>
                  )}
                </td>
                <td>
                  <LastUse use={credential.lastUse} />
                </td>
                <td>
                  <StatusBadge of="credential" state={credential.status} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function labelOf(kind: string): string {
  return credentialKindLabels[kind as (typeof credentialKinds)[number]] ?? kind;
}
