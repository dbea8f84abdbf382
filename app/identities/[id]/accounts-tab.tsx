import type { Route } from "next";
import Link from "next/link";
import { numberWords } from "@/components/count";
import { EmptyState } from "@/components/empty-state";
import { LastUse } from "@/components/last-use";
import { Name } from "@/components/name";
import { RefusalNote } from "@/components/refusal-note";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { requireActor } from "@/lib/auth/current-actor";
import { listIdentityAccounts } from "@/lib/inventory/identity-holding-queries";
import { attempt } from "../../attempt";
import css from "./identity.module.css";

/** The accounts of this identity in each system, and why each is taken to be its own. */
export async function AccountsTab({ id }: { id: string }) {
  const read = await attempt(async () => listIdentityAccounts(await requireActor(), { id }));
  if (!read.ok) return <RefusalNote refusal={read.refusal} />;
  if (read.value.length === 0) return <EmptyState title="It has no account in a connected system" />;
  return (
    <section className={css.panel} aria-label="Accounts">
      <div className={css.wide}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">Account</th>
              <th scope="col">System</th>
              <th scope="col">Status</th>
              <th scope="col" className="num">
                Groups
              </th>
              <th scope="col" className="num">
                Direct
              </th>
              <th scope="col" className="num">
                Keys
              </th>
              <th scope="col">Last use</th>
              <th scope="col">Is its own because</th>
            </tr>
          </thead>
          <tbody>
            {read.value.map((account) => (
              <tr key={account.id}>
                <td>
                  <Name value={account.name} mono strong />
                  {account.externalId === account.name ? null : (
                    <span className={css.second}>
                      <Name value={account.externalId} mono />
                    </span>
                  )}
                </td>
                <td>
                  <Link href={`/connections/${account.connection.id}` as Route} prefetch={false}>
                    {account.connection.name}
                  </Link>
                </td>
                <td>
                  <StatusBadge of="account" state={account.status} />
                  {account.validUntil ? (
                    <span className={css.second}>
                      until <Time at={account.validUntil} as="full" />
                    </span>
                  ) : null}
                </td>
                <td className="num">{numberWords(account.groups)}</td>
                <td className="num">{numberWords(account.assignments)}</td>
                <td className="num">{numberWords(account.credentials)}</td>
                <td>
                  <LastUse use={account.lastUse} />
                  {account.lastUsedFrom ? (
                    <span className={css.second}>
                      from <bdi>{account.lastUsedFrom}</bdi>
                    </span>
                  ) : null}
                </td>
                <td className={css.prose}>
                  <bdi>{account.matchReason ?? "a person said so"}</bdi>
                  {account.matchConfidence === null ? null : (
                    <span className={css.second}>{Math.round(account.matchConfidence * 100)} % sure</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
